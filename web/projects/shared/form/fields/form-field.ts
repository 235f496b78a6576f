import { ChangeDetectionStrategy, Component, forwardRef, input } from '@angular/core'
import { TuiIcon } from '@taiga-ui/core'
import { injectTexts } from '../../i18n/texts.ts'
import type { FormState } from '../form-state.ts'
import type { FieldSpec } from '../spec.ts'
import type { Path } from '../validate.ts'
import { AreaField } from './area-field.ts'
import { ListField } from './list-field.ts'
import { MultiselectField } from './multiselect-field.ts'
import { NumberField } from './number-field.ts'
import { ObjectField } from './object-field.ts'
import { PickerField } from './picker-field.ts'
import { SelectField } from './select-field.ts'
import { SwitchField } from './switch-field.ts'
import { TextField } from './text-field.ts'
import { TriStateField } from './tri-state-field.ts'
import { UnionField } from './union-field.ts'

/** The control for one field of an input specification. */
@Component({
  selector: 'sd-form-field',
  imports: [
    TuiIcon,
    AreaField,
    forwardRef(() => ListField),
    MultiselectField,
    NumberField,
    forwardRef(() => ObjectField),
    PickerField,
    SelectField,
    SwitchField,
    TextField,
    TriStateField,
    forwardRef(() => UnionField),
  ],
  changeDetection: ChangeDetectionStrategy.OnPush,
  templateUrl: './form-field.html',
  styles: `
    :host {
      display: block;
      min-inline-size: 0;
    }
    .notice {
      display: flex;
      gap: 0.5rem;
      padding: 0.75rem 0.875rem;
      border-radius: 0.75rem;
      background: var(--sd-sunken);
      color: var(--sd-text-2);
      font-size: 0.8125rem;
    }
    .notice tui-icon {
      font-size: 1rem;
      margin-block-start: 0.125rem;
    }
  `,
})
export class FormField {
  protected readonly t = injectTexts()
  readonly form = input.required<FormState>()
  readonly spec = input.required<FieldSpec>()
  readonly path = input.required<Path>()
}
