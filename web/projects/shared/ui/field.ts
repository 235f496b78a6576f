import { ChangeDetectionStrategy, Component, input } from '@angular/core'
import { injectTexts } from '../i18n/texts.ts'

/** Label above, hint and error below a control; the control carries `id` = `for` and points at the notes. */
@Component({
  selector: 'sd-field',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <label [for]="for()">{{ label() }}</label>
    <ng-content />
    @if (error(); as text) {
      <span class="field-error" [id]="for() + '-error'">{{ text }}</span>
    } @else if (hint()) {
      <span class="field-hint" [id]="for() + '-hint'">{{ hint() }}</span>
    }
  `,
  host: { class: 'field' },
})
export class Field {
  protected readonly t = injectTexts()
  readonly for = input.required<string>()
  readonly label = input.required<string>()
  readonly hint = input('')
  readonly error = input<string | null>(null)
}
