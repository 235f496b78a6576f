import { ChangeDetectionStrategy, Component } from '@angular/core'
import { FormsModule } from '@angular/forms'
import { TuiSwitch } from '@taiga-ui/kit/components/switch'
import type { ToggleSpec } from '../spec.ts'
import { BoundField } from './bound-field.ts'
import { FieldNotes } from './field-notes.ts'

@Component({
  selector: 'sd-switch-field',
  imports: [FormsModule, TuiSwitch, FieldNotes],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <div class="row">
      <label class="grow" [for]="id()">{{ spec().name }}</label>
      <input
        tuiSwitch
        type="checkbox"
        [id]="id()"
        [showIcons]="false"
        [ngModel]="value() === true"
        [ngModelOptions]="{ standalone: true }"
        [disabled]="locked()"
        [attr.aria-describedby]="notes()"
        (ngModelChange)="set($event)"
      />
    </div>
    <sd-field-notes [form]="form()" [spec]="spec()" [path]="path()" />
  `,
  host: { class: 'field' },
  styles: `
    label {
      font-size: 0.875rem;
      font-weight: 580;
    }
  `,
})
export class SwitchField extends BoundField<ToggleSpec> {}
