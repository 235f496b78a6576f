import { ChangeDetectionStrategy, Component, computed } from '@angular/core'
import { TuiIcon } from '@taiga-ui/core'
import { closedChoices, type MultiselectSpec } from '../spec.ts'
import { BoundField } from './bound-field.ts'
import { FieldNotes } from './field-notes.ts'

/** Any of several, as chips; what would exceed the limit cannot be chosen. */
@Component({
  selector: 'sd-multiselect-field',
  imports: [TuiIcon, FieldNotes],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <fieldset class="field" [id]="id()" tabindex="-1" [attr.aria-describedby]="notes()">
      <legend>{{ spec().name }}</legend>
      <div class="row wrap">
        @for (choice of choices(); track choice.key) {
          <label [class.chosen]="choice.chosen" [class.closed]="choice.closed">
            <input
              class="visually-hidden"
              type="checkbox"
              [checked]="choice.chosen"
              [disabled]="choice.closed"
              (change)="toggle(choice.key)"
              (blur)="touch()"
            />
            @if (choice.chosen) {
              <tui-icon icon="@tui.check" aria-hidden="true" />
            }
            {{ choice.text }}
          </label>
        }
      </div>
      <sd-field-notes [form]="form()" [spec]="spec()" [path]="path()" />
    </fieldset>
  `,
  styles: `
    .row {
      gap: 0.5rem;
    }
    label {
      display: inline-flex;
      align-items: center;
      gap: 0.375rem;
      padding: 0.375rem 0.875rem;
      border-radius: 2rem;
      border: 1px solid var(--sd-line-strong);
      cursor: pointer;
      font-size: 0.875rem;
    }
    .chosen {
      background: var(--sd-accent-soft);
      border-color: var(--sd-accent);
      color: var(--sd-accent);
      font-weight: 580;
    }
    .closed:not(.chosen) {
      color: var(--tui-text-tertiary);
      cursor: not-allowed;
    }
    label:has(:focus-visible) {
      outline: 2px solid var(--tui-border-focus);
    }
    tui-icon {
      font-size: 1rem;
    }
  `,
})
export class MultiselectField extends BoundField<MultiselectSpec> {
  readonly #chosen = computed(() => (this.value() as string[] | undefined) ?? [])
  protected readonly choices = computed(() => {
    const { values, maxLength } = this.spec()
    const full = typeof maxLength === 'number' && this.#chosen().length >= maxLength
    const closed = closedChoices(this.spec())
    return Object.entries(values).map(([key, text]) => {
      const chosen = this.#chosen().includes(key)
      return { key, text, chosen, closed: this.locked() || closed.includes(key) || (full && !chosen) }
    })
  })

  /** Kept in the order in which the package lists them. */
  protected toggle(key: string): void {
    const chosen = this.#chosen()
    const next = chosen.includes(key) ? chosen.filter((one) => one !== key) : [...chosen, key]
    this.set(Object.keys(this.spec().values).filter((one) => next.includes(one)))
    this.touch()
  }
}
