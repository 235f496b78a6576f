import {
  afterNextRender,
  ChangeDetectionStrategy,
  Component,
  DestroyRef,
  ElementRef,
  inject,
  signal,
} from '@angular/core'
import { TuiButton, TuiLoader } from '@taiga-ui/core'
import { CODES, RpcFailure } from '../../../../shared/api/rpc-failure.ts'
import { Logo } from '../../../../shared/brand/logo.ts'
import { injectTexts } from '../../../../shared/i18n/texts.ts'
import { Session } from '../../../../shared/live/session.ts'
import { ErrorNote } from '../../../../shared/ui/error-note.ts'
import { Field } from '../../../../shared/ui/field.ts'
import { PasswordInput } from '../../../../shared/ui/password-input.ts'

@Component({
  selector: 'sd-login',
  imports: [TuiButton, TuiLoader, Logo, ErrorNote, Field, PasswordInput],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <main class="center-card">
      <sd-logo />
      <h1>{{ t().login.title('') }}</h1>
      <p class="secondary">{{ t().login.text }}</p>
      <form class="card" (submit)="login($event)">
        <!-- Password managers file the password under this name. -->
        <input
          class="visually-hidden"
          autocomplete="username"
          value="startd"
          tabindex="-1"
          aria-hidden="true"
          readonly
        />
        <sd-field for="password" [label]="t().login.password" [error]="problem()">
          <sd-password
            inputId="password"
            [(value)]="password"
            [invalid]="problem() !== null"
            (valueChange)="clear()"
          />
        </sd-field>
        @if (failure(); as error) {
          <sd-error [error]="error" />
        }
        <button tuiButton size="m" type="submit" [disabled]="busy()">
          @if (busy()) {
            <tui-loader size="s" [inheritColor]="true" />
          } @else {
            {{ t().login.button }}
          }
        </button>
      </form>
    </main>
  `,
  styleUrl: '../../../../shared/ui/center-card.css',
})
export class LoginPage {
  readonly #session = inject(Session)
  #countdown: ReturnType<typeof setInterval> | undefined
  readonly #element = inject<ElementRef<HTMLElement>>(ElementRef).nativeElement
  protected readonly t = injectTexts()
  protected readonly password = signal('')
  protected readonly problem = signal<string | null>(null)
  protected readonly failure = signal<unknown>(null)
  protected readonly busy = signal(false)

  constructor() {
    afterNextRender(() => this.#focus())
    inject(DestroyRef).onDestroy(() => clearInterval(this.#countdown))
  }

  protected async login(event: Event): Promise<void> {
    event.preventDefault()
    this.clear()
    this.failure.set(null)
    if (this.password() === '') return this.#refuse(this.t().login.empty)
    this.busy.set(true)
    try {
      await this.#session.login(this.password())
    } catch (error) {
      const code = error instanceof RpcFailure ? error.code : null
      if (code === CODES.wrongPassword) this.#refuse(this.t().login.wrong)
      else if (code === CODES.rateLimited) this.#wait((error as RpcFailure).retryAfter)
      else this.failure.set(error)
    } finally {
      this.busy.set(false)
    }
  }

  protected clear(): void {
    clearInterval(this.#countdown)
    this.problem.set(null)
  }

  /** Counts the seconds down that the server asks for. */
  #wait(seconds: number | null): void {
    const { tooOften, again } = this.t().login
    this.#refuse(tooOften(seconds))
    if (seconds === null) return
    const end = performance.now() + seconds * 1000
    this.#countdown = setInterval(() => {
      const left = Math.ceil((end - performance.now()) / 1000)
      this.problem.set(left > 0 ? tooOften(left) : again)
      if (left <= 0) clearInterval(this.#countdown)
    }, 1000)
  }

  #refuse(problem: string): void {
    this.problem.set(problem)
    this.#focus()
  }

  #focus(): void {
    this.#element.querySelector<HTMLInputElement>('#password')?.focus()
  }
}
