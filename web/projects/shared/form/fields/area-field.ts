import { ChangeDetectionStrategy, Component } from '@angular/core'
import { TuiAppearance } from '@taiga-ui/core'
import type { TextareaSpec } from '../spec.ts'
import { BoundField } from './bound-field.ts'
import { FieldNotes } from './field-notes.ts'

/** Text over several lines. */
@Component({
  selector: 'sd-area-field',
  imports: [TuiAppearance, FieldNotes],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <label [for]="id()">
      {{ spec().name }}
      @if (!spec().required) {
        <span class="optional">{{ t().form.optional }}</span>
      }
    </label>
    <textarea
      class="control"
      tuiAppearance="textfield"
      [id]="id()"
      [rows]="spec().minRows ?? 3"
      [attr.maxlength]="spec().maxLength"
      [placeholder]="spec().placeholder ?? ''"
      [value]="value() ?? ''"
      [readOnly]="locked()"
      [required]="spec().required"
      [tuiAppearanceMode]="mode()"
      [attr.aria-invalid]="problem() ? true : null"
      [attr.aria-describedby]="notes()"
      (input)="set($any($event.target).value || null)"
      (blur)="touch()"
    ></textarea>
    <sd-field-notes [form]="form()" [spec]="spec()" [path]="path()" />
  `,
  host: { class: 'field' },
})
export class AreaField extends BoundField<TextareaSpec> {}
