import { ChangeDetectionStrategy, Component, computed, ElementRef, inject, signal } from '@angular/core'
import { TuiAppearance, TuiButton, TuiIcon } from '@taiga-ui/core'
import type { FullProgress } from '@startd/base/progress.ts'
import { Logo } from '../shared/brand/logo.ts'
import { injectTexts } from '../shared/i18n/texts.ts'
import { ErrorNote } from '../shared/ui/error-note.ts'
import { Field } from '../shared/ui/field.ts'
import { PasswordInput } from '../shared/ui/password-input.ts'
import { ProgressBar } from '../shared/ui/progress-bar.ts'
import { shareOf } from '../shared/status/install-progress.ts'
import { passwordStrength } from './password-strength.ts'
import { SetupRun } from './setup-run.ts'

const SHORTEST = 12
const LONGEST = 64
const LONGEST_NAME = 63

/** The first page of a new server: a name and a password, then it opens, logged in. */
@Component({
  selector: 'sd-first-boot',
  imports: [TuiAppearance, TuiButton, TuiIcon, Logo, ErrorNote, Field, PasswordInput, ProgressBar],
  changeDetection: ChangeDetectionStrategy.OnPush,
  templateUrl: './first-boot.html',
  styleUrls: ['../shared/ui/center-card.css', './first-boot.css'],
})
export class FirstBoot {
  readonly #run = inject(SetupRun)
  readonly #element = inject<ElementRef<HTMLElement>>(ElementRef).nativeElement
  protected readonly t = injectTexts()
  protected readonly name = signal('')
  protected readonly password = signal('')
  protected readonly again = signal('')
  /** Fields that were left once, or all after the first try: only these complain. */
  protected readonly left = signal<ReadonlySet<string>>(new Set())
  protected readonly working = signal(false)
  protected readonly progress = signal<FullProgress | null>(null)
  protected readonly failure = signal<unknown>(null)
  protected readonly ratio = computed(() => shareOf(this.progress()))
  protected readonly strength = computed(() => passwordStrength(this.password()))
  protected readonly problems = computed(() => ({
    name: this.#nameProblem(this.name().trim()),
    password: this.#passwordProblem(this.password().length),
    again: this.again() === this.password() ? null : this.t().setup.confirmWrong,
  }))

  protected problem(field: 'name' | 'password' | 'again'): string | null {
    return this.left().has(field) ? this.problems()[field] : null
  }

  protected leave(field: string): void {
    this.left.update((left) => new Set([...left, field]))
  }

  protected async start(event: Event): Promise<void> {
    event.preventDefault()
    this.left.set(new Set(['name', 'password', 'again']))
    const wrong = Object.entries(this.problems()).find(([, problem]) => problem !== null)
    if (wrong) return this.#element.querySelector<HTMLElement>(`#${wrong[0]}`)?.focus()
    this.failure.set(null)
    this.working.set(true)
    try {
      await this.#run.execute(this.name().trim(), this.password(), (progress) => this.progress.set(progress))
    } catch (error) {
      this.failure.set(error)
      this.working.set(false)
    }
  }

  #nameProblem(name: string): string | null {
    if (name === '') return this.t().setup.nameMissing
    return name.length > LONGEST_NAME ? this.t().setup.nameLong : null
  }

  #passwordProblem(length: number): string | null {
    if (length === 0) return this.t().setup.passwordMissing
    if (length < SHORTEST) return this.t().setup.passwordShort(SHORTEST - length)
    return length > LONGEST ? this.t().setup.passwordLong : null
  }
}
