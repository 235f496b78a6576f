import { ChangeDetectionStrategy, Component, computed, inject } from '@angular/core'
import { TuiIcon, TuiLoader } from '@taiga-ui/core'
import { injectTexts } from '../../../../../shared/i18n/texts.ts'
import { ServiceContext } from '../service-context.ts'

/** What the service itself says of its parts, as it says it. */
@Component({
  selector: 'sd-health',
  imports: [TuiIcon, TuiLoader],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <section class="card">
      <h2>{{ t().health.title }}</h2>
      <ul aria-live="polite">
        @for (check of checks(); track check.id) {
          <li [attr.data-result]="check.result">
            @switch (check.result) {
              @case ('success') {
                <tui-icon icon="@tui.circle-check" aria-hidden="true" />
              }
              @case ('failure') {
                <tui-icon icon="@tui.triangle-alert" aria-hidden="true" />
              }
              @case ('disabled') {
                <tui-icon icon="@tui.minus" aria-hidden="true" />
              }
              @default {
                <tui-loader size="s" />
              }
            }
            <div class="grow">
              <h3>{{ check.name }}</h3>
              <p>{{ check.text }}</p>
            </div>
          </li>
        } @empty {
          <li class="secondary small">{{ runs() ? t().health.none : t().health.off }}</li>
        }
      </ul>
    </section>
  `,
  styles: `
    h2 {
      margin-block-end: 0.875rem;
    }
    ul {
      display: flex;
      flex-direction: column;
      gap: 0.875rem;
    }
    li {
      display: flex;
      gap: 0.75rem;
    }
    tui-icon,
    tui-loader {
      font-size: 1.25rem;
      inline-size: 1.25rem;
      block-size: 1.25rem;
      flex-shrink: 0;
      margin-block-start: 0.125rem;
    }
    p {
      font-size: 0.875rem;
      color: var(--sd-text-2);
      overflow-wrap: anywhere;
    }
    [data-result='success'] tui-icon {
      color: var(--sd-positive-dot);
    }
    [data-result='failure'] tui-icon,
    [data-result='failure'] p {
      color: var(--sd-warning);
    }
    [data-result='disabled'] tui-icon {
      color: var(--tui-text-tertiary);
    }
  `,
})
export class HealthCard {
  readonly #service = inject(ServiceContext)
  protected readonly t = injectTexts()
  protected readonly runs = computed(() => this.#service.status()?.canStop ?? false)
  protected readonly checks = computed(() => {
    const { statusInfo } = this.#service.entry() ?? {}
    if (!statusInfo || statusInfo.desired.main !== 'running') return []
    return Object.entries(statusInfo.health ?? {}).map(([id, { name, result, message }]) => {
      const { health } = this.t()
      const said = result === 'waiting' && message ? health.waitingOn(message) : message
      return { id, name, result, text: said || health[result] || result }
    })
  })
}
