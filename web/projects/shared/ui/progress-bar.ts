import { ChangeDetectionStrategy, Component, computed, input } from '@angular/core'

/** A thin bar; without a ratio it shows that something moves. */
@Component({
  selector: 'sd-bar',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `<div [class.unknown]="ratio() === null" [style.inline-size.%]="width()"></div>`,
  host: {
    role: 'progressbar',
    'aria-valuemin': '0',
    'aria-valuemax': '100',
    '[attr.aria-valuenow]': 'ratio() === null ? null : width()',
    '[attr.aria-label]': 'label()',
  },
  styles: `
    :host {
      display: block;
      block-size: 0.375rem;
      border-radius: 0.25rem;
      background: var(--sd-line);
      overflow: hidden;
    }
    div {
      block-size: 100%;
      border-radius: inherit;
      background: var(--sd-accent-solid);
      transition: inline-size 0.3s ease-out;
    }
    .unknown {
      animation: slide 1.4s ease-in-out infinite;
    }
    @keyframes slide {
      from {
        transform: translateX(-100%);
      }
      to {
        transform: translateX(300%);
      }
    }
  `,
})
export class ProgressBar {
  readonly ratio = input<number | null>(null)
  readonly label = input('')
  protected readonly width = computed(() => {
    const ratio = this.ratio()
    return ratio === null ? 35 : Math.round(ratio * 100)
  })
}
