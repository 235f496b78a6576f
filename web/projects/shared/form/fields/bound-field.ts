import { computed, Directive, input } from '@angular/core'
import { injectTexts } from '../../i18n/texts.ts'
import type { FormState } from '../form-state.ts'
import type { FieldSpec } from '../spec.ts'
import type { Path } from '../validate.ts'
import { fieldId } from './field-id.ts'

/** What every control of a generated form has: its place in the form, its value, its problem, its lock. */
@Directive()
export abstract class BoundField<S extends FieldSpec> {
  protected readonly t = injectTexts()
  readonly form = input.required<FormState>()
  readonly spec = input.required<S>()
  readonly path = input.required<Path>()
  protected readonly id = computed(() => fieldId(this.path()))
  protected readonly value = computed(() => this.form().at(this.path()))
  protected readonly problem = computed(() => this.form().problem(this.path()))
  protected readonly locked = computed(() => this.form().lockOf(this.spec(), this.path()) !== null)
  protected readonly mode = computed(() => (this.problem() ? 'invalid' : this.locked() ? 'readonly' : null))
  /** Ids of the notes below the control (see FieldNotes). */
  protected readonly notes = computed(() => `${this.id()}-notes`)

  protected set(value: unknown): void {
    this.form().set(this.path(), value)
  }

  protected touch(): void {
    this.form().touch(this.path())
  }
}
