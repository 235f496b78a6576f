import { ChangeDetectionStrategy, Component, computed, forwardRef, linkedSignal } from '@angular/core'
import { TuiIcon } from '@taiga-ui/core'
import type { ObjectSpec } from '../spec.ts'
import { BoundField } from './bound-field.ts'
import { FormFields } from './form-fields.ts'

/** A group of fields that folds; it opens by itself when something inside needs a look. */
@Component({
  selector: 'sd-object-field',
  imports: [TuiIcon, forwardRef(() => FormFields)],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <details [open]="open()" (toggle)="open.set($any($event.target).open)">
      <summary [class.wrong]="wrong()">
        <tui-icon icon="@tui.chevron-right" aria-hidden="true" />
        <span class="grow">
          {{ spec().name }}
          @if (spec().description) {
            <span class="field-hint">{{ spec().description }}</span>
          }
        </span>
      </summary>
      <sd-form-fields [form]="form()" [spec]="spec().spec" [path]="path()" />
    </details>
  `,
  styles: `
    details {
      border: 1px solid var(--sd-line);
      border-radius: 0.875rem;
    }
    summary {
      display: flex;
      gap: 0.625rem;
      padding: 0.75rem 1rem;
      border-radius: inherit;
      cursor: pointer;
      font-size: 0.875rem;
      font-weight: 580;
      list-style: none;
    }
    summary .field-hint {
      display: block;
      font-weight: 400;
    }
    summary.wrong {
      color: var(--sd-negative);
    }
    tui-icon {
      font-size: 1.125rem;
      transition: rotate 0.15s;
    }
    details[open] tui-icon {
      rotate: 90deg;
    }
    sd-form-fields {
      padding: 0.5rem 1rem 1.25rem;
    }
  `,
})
export class ObjectField extends BoundField<ObjectSpec> {
  protected readonly wrong = computed(() => this.form().hasProblemBelow(this.path()))
  protected readonly open = linkedSignal<boolean, boolean>({
    source: this.wrong,
    computation: (wrong, previous) => wrong || (previous?.value ?? false),
  })
}
