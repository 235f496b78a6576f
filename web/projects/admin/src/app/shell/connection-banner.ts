import { ChangeDetectionStrategy, Component, computed, effect, inject, signal } from '@angular/core'
import { TuiIcon } from '@taiga-ui/core'
import { injectTexts } from '../../../../shared/i18n/texts.ts'
import { Session } from '../../../../shared/live/session.ts'

/** A blink of the network needs no words; a loss that lasts does. */
const QUIET_FOR = 1_500

/** A thin bar while the page may show old things. */
@Component({
  selector: 'sd-connection-banner',
  imports: [TuiIcon],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    @if (text(); as line) {
      <p><tui-icon icon="@tui.wifi-off" aria-hidden="true" />{{ line }}</p>
    }
  `,
  styles: `
    p {
      display: flex;
      gap: 0.625rem;
      align-items: center;
      padding: 0.625rem 2rem;
      background: var(--sd-warning-soft);
      color: var(--sd-warning);
      font-size: 0.875rem;
      font-weight: 540;
    }
    tui-icon {
      font-size: 1.125rem;
    }
    @media (max-width: 47.9375rem) {
      p {
        padding-inline: 1rem;
      }
    }
  `,
})
export class ConnectionBanner {
  readonly #session = inject(Session)
  readonly #t = injectTexts()
  readonly #now = signal(Date.now())
  protected readonly text = computed(() => {
    const since = this.#session.lostSince()
    if (since === null || this.#now() - since < QUIET_FOR) return null
    if (this.#session.connection() === 'offline') return this.#t().connection.offlineBanner
    return this.#t().connection.lostBanner(Math.round((this.#now() - since) / 1_000))
  })

  constructor() {
    // A clock for the seconds shown; it runs only while there is something to count.
    effect((onCleanup) => {
      if (this.#session.lostSince() === null) return
      const clock = setInterval(() => this.#now.set(Date.now()), 1_000)
      onCleanup(() => clearInterval(clock))
    })
  }
}
