import { ChangeDetectionStrategy, Component, computed, inject, signal } from '@angular/core'
import { TuiButton, TuiIcon } from '@taiga-ui/core'
import type { Result } from '@startd/base/rpc/contract.ts'
import { Rpc } from '../../../../shared/api/rpc.ts'
import { injectTexts } from '../../../../shared/i18n/texts.ts'
import { ErrorNote } from '../../../../shared/ui/error-note.ts'
import { agoText } from '../../../../shared/ui/time-text.ts'
import { programOf } from './program-of.ts'

/** Which browsers and programs are logged in. */
@Component({
  selector: 'sd-sessions-card',
  imports: [TuiButton, TuiIcon, ErrorNote],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <section class="card stack">
      <div class="row wrap">
        <h2 class="grow">{{ t().settings.sessions }}</h2>
        @if (others().length > 1) {
          <button tuiButton size="s" appearance="secondary" type="button" (click)="end(others())">
            {{ t().settings.endOthers }}
          </button>
        }
      </div>
      @if (failure(); as error) {
        <sd-error
          [heading]="t().settings.sessionsFailed"
          [error]="error"
          [retryable]="true"
          (retry)="load()"
        />
      }
      <ul>
        @for (one of rows(); track one.id) {
          <li>
            <tui-icon icon="@tui.monitor" aria-hidden="true" />
            <div class="grow">
              <strong>{{ one.program || t().settings.unknownAgent }}</strong>
              <span class="secondary small">{{
                one.current ? t().settings.thisOne : t().settings.lastActive(one.ago)
              }}</span>
            </div>
            @if (!one.current) {
              <button tuiButton size="s" appearance="flat" type="button" (click)="end([one.id])">
                {{ t().settings.end }}
              </button>
            }
          </li>
        }
      </ul>
    </section>
  `,
  styles: `
    li {
      display: flex;
      align-items: center;
      gap: 0.875rem;
      padding-block: 0.625rem;
    }
    li + li {
      border-block-start: 1px solid var(--sd-line);
    }
    ul {
      margin-block: -0.75rem -0.5rem;
    }
    tui-icon {
      font-size: 1.25rem;
      color: var(--tui-text-tertiary);
    }
    strong,
    li span {
      display: block;
    }
    strong {
      font-weight: 580;
    }
  `,
})
export class SessionsCard {
  readonly #rpc = inject(Rpc)
  readonly #list = signal<Result<'auth.session.list'> | null>(null)
  protected readonly t = injectTexts()
  protected readonly failure = signal<unknown>(null)
  protected readonly rows = computed(() => {
    const { current, sessions } = this.#list() ?? { current: null, sessions: {} }
    return Object.entries(sessions)
      .map(([id, { userAgent, lastActive }]) => ({
        id,
        current: id === current,
        program: programOf(userAgent),
        ago: agoText(lastActive),
        lastActive,
      }))
      .sort((a, b) => Number(b.current) - Number(a.current) || b.lastActive.localeCompare(a.lastActive))
  })
  protected readonly others = computed(() => this.rows().flatMap(({ id, current }) => (current ? [] : [id])))

  constructor() {
    void this.load()
  }

  protected async load(): Promise<void> {
    this.failure.set(null)
    try {
      this.#list.set(await this.#rpc.call('auth.session.list', {}))
    } catch (error) {
      this.failure.set(error)
    }
  }

  protected async end(ids: string[]): Promise<void> {
    try {
      await this.#rpc.call('auth.session.kill', { ids })
    } catch (error) {
      return this.failure.set(error)
    }
    await this.load()
  }
}
