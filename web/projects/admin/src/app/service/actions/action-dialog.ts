import {
  afterNextRender,
  ChangeDetectionStrategy,
  Component,
  ElementRef,
  inject,
  signal,
} from '@angular/core'
import { TuiButton, type TuiDialogContext, TuiIcon, TuiLoader } from '@taiga-ui/core'
import { injectContext } from '@taiga-ui/polymorpheus'
import type { ActionResultV1 } from '@startd/base/service-schemas.ts'
import { Rpc } from '../../../../../shared/api/rpc.ts'
import { injectTexts } from '../../../../../shared/i18n/texts.ts'
import { FormFields } from '../../../../../shared/form/fields/form-fields.ts'
import { FormState } from '../../../../../shared/form/form-state.ts'
import type { InputSpec } from '../../../../../shared/form/spec.ts'
import { ErrorNote } from '../../../../../shared/ui/error-note.ts'
import { ActionResultView } from './action-result-view.ts'
import type { ActionCall, LeaveGuard } from './action-runner.ts'

/** Actions may work for long (downloads, migrations). */
const RUN_LIMIT = 600_000

type Step =
  | { name: 'loading' }
  | { name: 'form'; state: FormState; eventId: string }
  | { name: 'running' }
  | { name: 'failed'; error: unknown }
  | { name: 'done'; result: ActionResultV1 | null }

/** One run of an action: the form where there is one, then what came of it. A failed run keeps what was typed. */
@Component({
  selector: 'sd-action-dialog',
  imports: [TuiButton, TuiIcon, TuiLoader, FormFields, ErrorNote, ActionResultView],
  changeDetection: ChangeDetectionStrategy.OnPush,
  templateUrl: './action-dialog.html',
  styleUrl: './action-dialog.css',
})
export class ActionDialog {
  readonly #rpc = inject(Rpc)
  readonly #element = inject<ElementRef<HTMLElement>>(ElementRef).nativeElement
  protected readonly t = injectTexts()
  protected readonly context =
    injectContext<TuiDialogContext<void, { call: ActionCall; guard: LeaveGuard }>>()
  protected readonly call = this.context.data.call
  protected readonly step = signal<Step>({ name: 'loading' })
  protected readonly busy = signal(false)
  protected readonly refusal = signal<unknown>(null)

  constructor() {
    this.context.data.guard.isDirty = () => {
      const step = this.step()
      return step.name === 'form' && step.state.isDirty()
    }
    afterNextRender(() => void this.begin())
  }

  protected async begin(): Promise<void> {
    if (this.call.action && !this.call.action.hasInput) return this.#runPlain()
    this.step.set({ name: 'loading' })
    try {
      const { packageId, actionId, prefill } = this.call
      const input = await this.#rpc.call('package.action.get-input', { packageId, actionId, prefill })
      if (input === null) return await this.#runPlain()
      const state = new FormState(input.spec as InputSpec, withPrefill(input.value, prefill), this.t)
      this.step.set({ name: 'form', state, eventId: input.eventId })
      setTimeout(() => this.#element.querySelector<HTMLElement>('.control')?.focus({ preventScroll: true }))
    } catch (error) {
      this.step.set({ name: 'failed', error })
    }
  }

  protected async submit(event: Event, state: FormState, eventId: string): Promise<void> {
    event.preventDefault()
    if (this.busy()) return
    if (!state.try()) return this.#showFirstProblem()
    this.refusal.set(null)
    this.busy.set(true)
    try {
      this.step.set({ name: 'done', result: await this.#run(state.value(), eventId) })
    } catch (error) {
      this.refusal.set(error)
    } finally {
      this.busy.set(false)
    }
  }

  async #runPlain(): Promise<void> {
    this.step.set({ name: 'running' })
    try {
      this.step.set({ name: 'done', result: await this.#run(null, null) })
    } catch (error) {
      this.step.set({ name: 'failed', error })
    }
  }

  #run(input: unknown, eventId: string | null): Promise<ActionResultV1 | null> {
    const { packageId, actionId } = this.call
    return this.#rpc.call('package.action.run', { packageId, actionId, input, eventId }, { limit: RUN_LIMIT })
  }

  /** Sections with problems open themselves first; then the first control that complains gets the focus. */
  #showFirstProblem(): void {
    setTimeout(() => {
      const first = this.#element.querySelector<HTMLElement>('[aria-invalid], .field-error')
      first?.scrollIntoView({ block: 'center' })
      const control = first?.matches('[aria-invalid]')
        ? first
        : first?.closest<HTMLElement>('fieldset[tabindex]')
      control?.focus({ preventScroll: true })
    })
  }
}

/** A task's wishes over what is stored now (sdk.md §8), into the depth. */
function withPrefill(value: unknown, prefill: unknown): unknown {
  if (!isRecord(prefill)) return value
  const base = isRecord(value) ? value : {}
  const merged = Object.entries(prefill).map(([key, wish]) => [
    key,
    isRecord(wish) ? withPrefill(base[key], wish) : wish,
  ])
  return { ...base, ...Object.fromEntries(merged) }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}
