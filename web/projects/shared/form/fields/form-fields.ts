import { ChangeDetectionStrategy, Component, computed, forwardRef, input } from '@angular/core'
import type { FormState } from '../form-state.ts'
import type { InputSpec } from '../spec.ts'
import type { Path } from '../validate.ts'
import { FormField } from './form-field.ts'

/** All fields of a specification, in its order. */
@Component({
  selector: 'sd-form-fields',
  imports: [forwardRef(() => FormField)],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    @for (field of fields(); track field.key) {
      <sd-form-field [form]="form()" [spec]="field.spec" [path]="field.path" />
    }
  `,
  styles: `
    :host {
      display: flex;
      flex-direction: column;
      gap: 1.25rem;
    }
  `,
})
export class FormFields {
  readonly form = input.required<FormState>()
  readonly spec = input.required<InputSpec>()
  readonly path = input<Path>([])
  protected readonly fields = computed(() =>
    Object.entries(this.spec())
      .filter(([, spec]) => spec.type !== 'hidden')
      .map(([key, spec]) => ({ key, spec, path: [...this.path(), key] })),
  )
}
