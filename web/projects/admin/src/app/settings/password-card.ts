import { ChangeDetectionStrategy, Component, computed, inject, signal } from '@angular/core'
import { TuiButton } from '@taiga-ui/core'
import { CODES, RpcFailure } from '../../../../shared/api/rpc-failure.ts'
import { Rpc } from '../../../../shared/api/rpc.ts'
import { injectTexts } from '../../../../shared/i18n/texts.ts'
import { ErrorNote } from '../../../../shared/ui/error-note.ts'
import { Field } from '../../../../shared/ui/field.ts'
import { PasswordInput } from '../../../../shared/ui/password-input.ts'

const SHORTEST = 12
const LONGEST = 64

@Component({
  selector: 'sd-password-card',
  imports: [TuiButton, ErrorNote, Field, PasswordInput],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <section class="card">
      <h2>{{ t().settings.password }}</h2>
      <form class="stack" novalidate (submit)="change($event)">
        <input
          class="visually-hidden"
          autocomplete="username"
          value="startd"
          tabindex="-1"
          aria-hidden="true"
          readonly
        />
        <sd-field for="old" [label]="t().settings.oldPassword" [error]="wrong() ? t().login.wrong : null">
          <sd-password inputId="old" [(value)]="old" [invalid]="wrong()" (valueChange)="wrong.set(false)" />
        </sd-field>
        <sd-field
          for="new"
          [label]="t().settings.newPassword"
          [hint]="t().setup.passwordHint"
          [error]="tried() ? lengthProblem() : null"
        >
          <sd-password
            inputId="new"
            autocomplete="new-password"
            [(value)]="fresh"
            [invalid]="tried() && lengthProblem() !== null"
          />
        </sd-field>
        <sd-field
          for="again"
          [label]="t().settings.confirm"
          [error]="tried() && !same() ? t().setup.confirmWrong : null"
        >
          <sd-password
            inputId="again"
            autocomplete="new-password"
            [(value)]="again"
            [invalid]="tried() && !same()"
          />
        </sd-field>
        @if (failure(); as error) {
          <sd-error [heading]="t().settings.changeFailed" [error]="error" />
        }
        <div class="row">
          <button tuiButton size="m" appearance="secondary" type="submit" [disabled]="busy()">
            {{ t().settings.change }}
          </button>
          <span role="status">{{ done() ? t().settings.changed : '' }}</span>
        </div>
      </form>
    </section>
  `,
})
export class PasswordCard {
  readonly #rpc = inject(Rpc)
  protected readonly t = injectTexts()
  protected readonly old = signal('')
  protected readonly fresh = signal('')
  protected readonly again = signal('')
  protected readonly tried = signal(false)
  protected readonly wrong = signal(false)
  protected readonly busy = signal(false)
  protected readonly done = signal(false)
  protected readonly failure = signal<unknown>(null)
  protected readonly same = computed(() => this.fresh() === this.again())
  protected readonly lengthProblem = computed(() => {
    const { length } = this.fresh()
    if (length < SHORTEST) return this.t().setup.passwordShort(SHORTEST - length)
    return length > LONGEST ? this.t().setup.passwordLong : null
  })

  protected async change(event: Event): Promise<void> {
    event.preventDefault()
    this.tried.set(true)
    this.done.set(false)
    if (this.lengthProblem() !== null || !this.same()) return
    this.failure.set(null)
    this.busy.set(true)
    try {
      await this.#rpc.call('auth.reset-password', { oldPassword: this.old(), newPassword: this.fresh() })
      for (const field of [this.old, this.fresh, this.again]) field.set('')
      this.tried.set(false)
      this.done.set(true)
    } catch (error) {
      if (error instanceof RpcFailure && error.code === CODES.wrongPassword) this.wrong.set(true)
      else this.failure.set(error)
    } finally {
      this.busy.set(false)
    }
  }
}
