import { ChangeDetectionStrategy, Component, computed, inject } from '@angular/core'
import { injectTexts } from '../../../../shared/i18n/texts.ts'
import { Session } from '../../../../shared/live/session.ts'

/** Whether what the page shows is live. */
@Component({
  selector: 'sd-connection-dot',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `<i aria-hidden="true"></i><span role="status">{{ text() }}</span>`,
  host: { '[attr.data-state]': 'session.connection()' },
  styles: `
    :host {
      display: inline-flex;
      align-items: center;
      gap: 0.4375rem;
      font-size: 0.8125rem;
      color: var(--sd-text-2);
    }
    i {
      inline-size: 0.4375rem;
      block-size: 0.4375rem;
      border-radius: 50%;
      background: var(--sd-positive-dot);
    }
    :host([data-state='lost']) i {
      background: var(--sd-warning-dot);
    }
    :host([data-state='offline']) i {
      background: var(--sd-negative-dot);
    }
  `,
})
export class ConnectionDot {
  protected readonly session = inject(Session)
  readonly #t = injectTexts()
  protected readonly text = computed(() => {
    const { live, lost, offline, connecting } = this.#t().connection
    const state = this.session.connection()
    return state === 'lost' && this.session.lostSince() === null ? connecting : { live, lost, offline }[state]
  })
}
