import { ChangeDetectionStrategy, Component, computed } from '@angular/core'
import { TuiAppearance } from '@taiga-ui/core'
import type { ColorSpec, DatetimeSpec } from '../spec.ts'
import { BoundField } from './bound-field.ts'
import { FieldNotes } from './field-notes.ts'

/** A colour, or a date and time: the device’s own picker. */
@Component({
  selector: 'sd-picker-field',
  imports: [TuiAppearance, FieldNotes],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <label [for]="id()">
      {{ spec().name }}
      @if (!spec().required) {
        <span class="optional">{{ t().form.optional }}</span>
      }
    </label>
    <div class="row">
      @if (spec().type === 'color') {
        <input
          class="control"
          tuiAppearance="textfield"
          type="color"
          tabindex="-1"
          aria-hidden="true"
          [value]="value() ?? '#000000'"
          [disabled]="locked()"
          (input)="set($any($event.target).value)"
        />
      }
      <input
        class="control"
        tuiAppearance="textfield"
        [id]="id()"
        [type]="type()"
        [attr.placeholder]="spec().type === 'color' ? '#3366ff' : null"
        [attr.min]="bounds().min"
        [attr.max]="bounds().max"
        [value]="value() ?? ''"
        [readOnly]="locked()"
        [required]="spec().required"
        [tuiAppearanceMode]="mode()"
        [attr.aria-invalid]="problem() ? true : null"
        [attr.aria-describedby]="notes()"
        (input)="set($any($event.target).value || null)"
        (blur)="touch()"
      />
    </div>
    <sd-field-notes [form]="form()" [spec]="spec()" [path]="path()" />
  `,
  host: { class: 'field' },
})
export class PickerField extends BoundField<ColorSpec | DatetimeSpec> {
  protected readonly type = computed(() => {
    const spec = this.spec()
    return spec.type === 'color' ? 'text' : (spec.inputmode ?? 'datetime-local')
  })
  protected readonly bounds = computed(() => {
    const spec = this.spec()
    return spec.type === 'datetime'
      ? { min: spec.min ?? null, max: spec.max ?? null }
      : { min: null, max: null }
  })
}
