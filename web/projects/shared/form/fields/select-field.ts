import { ChangeDetectionStrategy, Component, computed } from '@angular/core'
import { TuiAppearance } from '@taiga-ui/core'
import { closedChoices, type SelectSpec, type UnionSpec, type UnionValue } from '../spec.ts'
import { chooseVariant } from '../values.ts'
import { BoundField } from './bound-field.ts'
import { FieldNotes } from './field-notes.ts'

/** One of several; for a union, the choice between its variants. */
@Component({
  selector: 'sd-select-field',
  imports: [TuiAppearance, FieldNotes],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <label [for]="id()">{{ spec().name }}</label>
    <select
      class="control"
      tuiAppearance="textfield"
      [id]="id()"
      [disabled]="locked()"
      [tuiAppearanceMode]="mode()"
      [attr.aria-invalid]="problem() ? true : null"
      [attr.aria-describedby]="notes()"
      (change)="choose($any($event.target).value)"
      (blur)="touch()"
    >
      @if (selected() === null) {
        <option value="" selected disabled>{{ t().form.choose }}</option>
      }
      @for (choice of choices(); track choice.key) {
        <option
          [value]="choice.key"
          [selected]="choice.key === selected()"
          [disabled]="closed().includes(choice.key)"
        >
          {{ choice.text }}
        </option>
      }
    </select>
    <sd-field-notes [form]="form()" [spec]="spec()" [path]="path()" />
  `,
  host: { class: 'field' },
})
export class SelectField extends BoundField<SelectSpec | UnionSpec> {
  protected readonly closed = computed(() => closedChoices(this.spec()))
  protected readonly choices = computed(() => {
    const spec = this.spec()
    return spec.type === 'select'
      ? Object.entries(spec.values).map(([key, text]) => ({ key, text }))
      : Object.entries(spec.variants).map(([key, { name }]) => ({ key, text: name }))
  })
  protected readonly selected = computed(() =>
    this.spec().type === 'select'
      ? (this.value() as string | null)
      : ((this.value() as UnionValue | undefined)?.selection ?? null),
  )

  protected choose(key: string): void {
    const spec = this.spec()
    this.set(spec.type === 'select' ? key : chooseVariant(spec, this.value() as UnionValue, key))
  }
}
