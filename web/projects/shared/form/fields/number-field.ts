import { ChangeDetectionStrategy, Component, computed } from '@angular/core'
import { TuiAppearance } from '@taiga-ui/core'
import type { NumberSpec } from '../spec.ts'
import { BoundField } from './bound-field.ts'
import { FieldNotes } from './field-notes.ts'

/** A number with its unit. Bounds are checked by the form, so that the page says it in its own words. */
@Component({
  selector: 'sd-number-field',
  imports: [TuiAppearance, FieldNotes],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <label [for]="id()">
      {{ spec().name }}
      @if (spec().units) {
        <span class="secondary">({{ spec().units }})</span>
      }
      @if (!spec().required) {
        <span class="optional">{{ t().form.optional }}</span>
      }
    </label>
    <input
      class="control"
      tuiAppearance="textfield"
      type="number"
      [id]="id()"
      [attr.inputmode]="spec().integer ? 'numeric' : 'decimal'"
      [attr.min]="spec().min"
      [attr.max]="spec().max"
      [attr.step]="step()"
      [placeholder]="spec().placeholder ?? ''"
      [value]="value() ?? ''"
      [readOnly]="locked()"
      [required]="spec().required"
      [tuiAppearanceMode]="mode()"
      [attr.aria-invalid]="problem() ? true : null"
      [attr.aria-describedby]="notes()"
      (input)="read($any($event.target))"
      (blur)="touch()"
    />
    <sd-field-notes [form]="form()" [spec]="spec()" [path]="path()" />
  `,
  host: { class: 'field' },
})
export class NumberField extends BoundField<NumberSpec> {
  protected readonly step = computed(() => this.spec().step ?? (this.spec().integer ? 1 : 'any'))

  /** What the browser cannot read as a number is kept as NaN, so that the form complains instead of sending null. */
  protected read(input: HTMLInputElement): void {
    const empty = input.value === '' && !input.validity.badInput
    this.set(empty ? null : input.valueAsNumber)
  }
}
