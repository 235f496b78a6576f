import { ChangeDetectionStrategy, Component, computed, input } from '@angular/core'
import { injectTexts } from '../i18n/texts.ts'
import type { Status } from '../status/status.ts'

/** A dot and a word: what a service is doing now. Says changes to screen readers where `live` is set. */
@Component({
  selector: 'sd-status',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <i [class.busy]="status().busy" aria-hidden="true"></i>
    <span [attr.role]="live() ? 'status' : null">
      {{ word() }}{{ percent() }}
      @if (status().attention; as attention) {
        <span class="attention">· {{ t().status[attention] }}</span>
      }
    </span>
  `,
  host: { '[attr.data-tone]': 'status().tone', '[class.pill]': 'pill()' },
  styles: `
    :host {
      display: inline-flex;
      align-items: center;
      gap: 0.5rem;
      font-size: 0.875rem;
      font-weight: 560;
      color: var(--tone);
      font-variant-numeric: tabular-nums;
    }
    :host([data-tone='positive']) {
      --tone: var(--sd-positive);
      --dot: var(--sd-positive-dot);
      --soft: var(--sd-positive-soft);
    }
    :host([data-tone='info']) {
      --tone: var(--sd-info);
      --dot: var(--sd-info-dot);
      --soft: var(--sd-info-soft);
    }
    :host([data-tone='warning']) {
      --tone: var(--sd-warning);
      --dot: var(--sd-warning-dot);
      --soft: var(--sd-warning-soft);
    }
    :host([data-tone='negative']) {
      --tone: var(--sd-negative);
      --dot: var(--sd-negative-dot);
      --soft: var(--sd-negative-soft);
    }
    :host([data-tone='neutral']) {
      --tone: var(--sd-text-2);
      --dot: var(--tui-text-tertiary);
      --soft: var(--sd-sunken);
    }
    :host(.pill) {
      background: var(--soft);
      padding: 0.25rem 0.75rem 0.25rem 0.625rem;
      border-radius: 1rem;
    }
    i {
      inline-size: 0.5rem;
      block-size: 0.5rem;
      border-radius: 50%;
      background: var(--dot);
      flex-shrink: 0;
    }
    i.busy {
      animation: breathe 1.2s ease-in-out infinite;
    }
    @keyframes breathe {
      50% {
        opacity: 0.3;
        scale: 0.8;
      }
    }
  `,
})
export class StatusBadge {
  protected readonly t = injectTexts()
  readonly status = input.required<Status>()
  readonly ratio = input<number | null>(null)
  readonly pill = input(false)
  readonly live = input(false)
  protected readonly word = computed(() => this.t().status[this.status().kind])
  protected readonly percent = computed(() => {
    const ratio = this.ratio()
    return ratio === null ? '' : ` ${Math.floor(ratio * 100)} %`
  })
}
