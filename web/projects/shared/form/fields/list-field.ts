import { ChangeDetectionStrategy, Component, computed, forwardRef } from '@angular/core'
import { TuiButton } from '@taiga-ui/core'
import type { FieldSpec, ListSpec } from '../spec.ts'
import { newItem } from '../values.ts'
import { BoundField } from './bound-field.ts'
import { displayText } from './display-text.ts'
import { FieldNotes } from './field-notes.ts'
import { FormField } from './form-field.ts'

/** Entries that can be added and removed: lines of text, or groups of fields. */
@Component({
  selector: 'sd-list-field',
  imports: [TuiButton, FieldNotes, forwardRef(() => FormField)],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <fieldset class="field" [id]="id()" tabindex="-1" [attr.aria-describedby]="notes()">
      <legend>{{ spec().name }}</legend>
      @for (item of items(); track $index) {
        <div class="item list-item">
          <sd-form-field class="grow" [form]="form()" [spec]="item.spec" [path]="item.path" />
          @if (!locked()) {
            <button
              tuiIconButton
              type="button"
              size="m"
              appearance="flat"
              iconStart="@tui.trash"
              (click)="remove($index)"
            >
              {{ t().form.remove }} {{ item.spec.name }}
            </button>
          }
        </div>
      } @empty {
        <p class="secondary small">{{ t().form.listEmpty }}</p>
      }
      @if (!locked()) {
        <button
          tuiButton
          class="add"
          type="button"
          size="s"
          appearance="secondary"
          iconStart="@tui.plus"
          [disabled]="full()"
          (click)="add()"
        >
          {{ t().form.add }}
        </button>
      }
      <sd-field-notes [form]="form()" [spec]="spec()" [path]="path()" />
    </fieldset>
  `,
  styles: `
    .field {
      gap: 0.625rem;
    }
    .item {
      display: flex;
      align-items: flex-end;
      gap: 0.25rem;
    }
    .item:has(details) {
      align-items: flex-start;
    }
    .add {
      align-self: flex-start;
    }
  `,
})
export class ListField extends BoundField<ListSpec> {
  readonly #entries = computed(() => (this.value() as unknown[] | undefined) ?? [])
  protected readonly full = computed(() => {
    const { maxLength } = this.spec()
    return typeof maxLength === 'number' && this.#entries().length >= maxLength
  })
  protected readonly items = computed(() =>
    this.#entries().map((value, at) => ({ path: [...this.path(), at], spec: this.#specOf(value, at) })),
  )

  protected add(): void {
    this.set([...this.#entries(), newItem(this.spec())])
  }

  protected remove(at: number): void {
    this.set(this.#entries().filter((_, place) => place !== at))
    this.touch()
  }

  /** An entry drawn as a field of its own. */
  #specOf(value: unknown, at: number): FieldSpec & { name: string } {
    const { spec, generate } = this.spec()
    const name = this.t().form.item(at + 1)
    if (spec.type === 'text') {
      return { ...spec, name, required: true, default: null, generate: spec.generate ?? generate ?? null }
    }
    return { type: 'object', name: displayText(spec.displayAs ?? null, value) || name, spec: spec.spec }
  }
}
