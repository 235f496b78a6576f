import { ChangeDetectionStrategy, Component, input } from '@angular/core'

/** The mark, a “d” whose bowl is a start button, and on demand the word beside it. */
@Component({
  selector: 'sd-logo',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <svg viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="9" fill="var(--sd-accent-solid)" />
      <path
        fill="#fff"
        d="M20.4 6.4a1.9 1.9 0 0 1 3.8 0v17.8a1.9 1.9 0 0 1-3.6.8 8.1 8.1 0 1 1-.2-12.2zM13.2 14.9v7.4a.8.8 0 0 0 1.2.7l5.9-3.7a.8.8 0 0 0 0-1.4l-5.9-3.7a.8.8 0 0 0-1.2.7z"
        fill-rule="evenodd"
      />
    </svg>
    @if (word()) {
      <span>startd</span>
    }
  `,
  host: { role: 'img', 'aria-label': 'startd' },
  styles: `
    :host {
      display: inline-flex;
      align-items: center;
      gap: 0.625rem;
    }
    svg {
      inline-size: var(--sd-logo-size, 1.75rem);
      block-size: var(--sd-logo-size, 1.75rem);
      flex-shrink: 0;
    }
    span {
      font-size: calc(var(--sd-logo-size, 1.75rem) * 0.72);
      font-weight: 700;
      letter-spacing: -0.035em;
      line-height: 1;
    }
  `,
})
export class Logo {
  readonly word = input(true)
}
