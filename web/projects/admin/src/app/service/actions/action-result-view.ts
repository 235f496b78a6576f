import { ChangeDetectionStrategy, Component, input } from '@angular/core'
import type { ActionResultV1 } from '@startd/base/service-schemas.ts'
import { ResultValue } from './result-value.ts'

/** What an action has to say: a message, a value, or a group of values. */
@Component({
  selector: 'sd-action-result',
  imports: [ResultValue],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    @if (result().message; as message) {
      <p class="prose">{{ message }}</p>
    }
    @if (result().result; as value) {
      <sd-result-value [value]="value" [name]="result().title" />
    }
  `,
  host: { role: 'status' },
  styles: `
    :host {
      display: flex;
      flex-direction: column;
      gap: 1rem;
    }
  `,
})
export class ActionResultView {
  readonly result = input.required<ActionResultV1>()
}
