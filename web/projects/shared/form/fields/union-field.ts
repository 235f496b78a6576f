import { ChangeDetectionStrategy, Component, computed, forwardRef } from '@angular/core'
import type { UnionSpec, UnionValue } from '../spec.ts'
import { BoundField } from './bound-field.ts'
import { FormFields } from './form-fields.ts'
import { SelectField } from './select-field.ts'

/** A choice, and the fields that belong to what was chosen. */
@Component({
  selector: 'sd-union-field',
  imports: [SelectField, forwardRef(() => FormFields)],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <sd-select-field [form]="form()" [spec]="spec()" [path]="path()" />
    @if (variant(); as chosen) {
      <sd-form-fields [form]="form()" [spec]="chosen" [path]="inner()" />
    }
  `,
  styles: `
    :host {
      display: flex;
      flex-direction: column;
      gap: 1.125rem;
    }
    sd-form-fields {
      padding-inline-start: 1rem;
      border-inline-start: 2px solid var(--sd-line);
    }
  `,
})
export class UnionField extends BoundField<UnionSpec> {
  protected readonly inner = computed(() => [...this.path(), 'value'])
  protected readonly variant = computed(() => {
    const selection = (this.value() as UnionValue | undefined)?.selection ?? null
    const spec = selection === null ? undefined : this.spec().variants[selection]?.spec
    return spec && Object.keys(spec).length > 0 ? spec : null
  })
}
