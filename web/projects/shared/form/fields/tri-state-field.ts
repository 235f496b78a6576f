import { ChangeDetectionStrategy, Component, computed } from '@angular/core'
import type { TriStateSpec } from '../spec.ts'
import { BoundField } from './bound-field.ts'
import { FieldNotes } from './field-notes.ts'

/** Yes, no, or not set. */
@Component({
  selector: 'sd-tri-state-field',
  imports: [FieldNotes],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <fieldset class="field" [attr.aria-describedby]="notes()">
      <legend>{{ spec().name }}</legend>
      <div class="segments">
        @for (choice of choices(); track choice.value) {
          <label [class.chosen]="value() === choice.value">
            <input
              class="visually-hidden"
              type="radio"
              [name]="id()"
              [checked]="value() === choice.value"
              [disabled]="locked()"
              (change)="set(choice.value)"
            />
            {{ choice.text }}
          </label>
        }
      </div>
      <sd-field-notes [form]="form()" [spec]="spec()" [path]="path()" />
    </fieldset>
  `,
  styles: `
    .segments {
      display: inline-flex;
      align-self: flex-start;
      padding: 0.1875rem;
      border-radius: 0.75rem;
      background: var(--sd-sunken);
      border: 1px solid var(--sd-line);
    }
    label {
      padding: 0.375rem 0.875rem;
      border-radius: 0.5625rem;
      cursor: pointer;
      font-size: 0.875rem;
      font-weight: 540;
    }
    label.chosen {
      background: var(--sd-card);
      box-shadow: var(--sd-shadow);
      outline: 1px solid var(--sd-line-strong);
    }
    label:has(:focus-visible) {
      outline: 2px solid var(--tui-border-focus);
    }
  `,
})
export class TriStateField extends BoundField<TriStateSpec> {
  protected readonly choices = computed(() => {
    const { yes, no, unset } = this.t().form
    return [
      { value: true, text: yes },
      { value: null, text: unset },
      { value: false, text: no },
    ]
  })
}
