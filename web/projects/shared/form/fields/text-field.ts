import { ChangeDetectionStrategy, Component, computed, signal } from '@angular/core'
import { TuiAppearance, TuiButton } from '@taiga-ui/core'
import { randomText } from '../random-text.ts'
import type { TextSpec } from '../spec.ts'
import { BoundField } from './bound-field.ts'
import { FieldNotes } from './field-notes.ts'

/** One line of text; secrets are hidden, and made on demand where the package says how. */
@Component({
  selector: 'sd-text-field',
  imports: [TuiAppearance, TuiButton, FieldNotes],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <label [for]="id()">
      {{ spec().name }}
      @if (!spec().required) {
        <span class="optional">{{ t().form.optional }}</span>
      }
    </label>
    <div class="line">
      <input
        class="control"
        tuiAppearance="textfield"
        autocapitalize="off"
        autocomplete="off"
        [id]="id()"
        [type]="type()"
        [attr.inputmode]="spec().inputmode"
        [attr.maxlength]="spec().maxLength"
        [placeholder]="spec().placeholder ?? ''"
        [value]="value() ?? ''"
        [readOnly]="locked()"
        [required]="spec().required"
        [tuiAppearanceMode]="mode()"
        [attr.aria-invalid]="problem() ? true : null"
        [attr.aria-describedby]="notes()"
        [attr.spellcheck]="spec().masked ? false : null"
        (input)="set($any($event.target).value || null)"
        (blur)="touch()"
      />
      @if (spec().masked) {
        <button
          tuiIconButton
          type="button"
          size="m"
          appearance="secondary"
          [iconStart]="shown() ? '@tui.eye-off' : '@tui.eye'"
          [attr.aria-pressed]="shown()"
          (click)="shown.set(!shown())"
        >
          {{ shown() ? t().common.hide : t().common.show }} {{ spec().name }}
        </button>
      }
      @if (spec().generate && !locked()) {
        <button
          tuiButton
          type="button"
          size="m"
          appearance="secondary"
          iconStart="@tui.shuffle"
          (click)="generate()"
        >
          {{ t().form.generate }}
        </button>
      }
    </div>
    <sd-field-notes [form]="form()" [spec]="spec()" [path]="path()" />
  `,
  host: { class: 'field' },
  styles: `
    .line {
      display: flex;
      gap: 0.5rem;
    }
    button {
      flex-shrink: 0;
    }
  `,
})
export class TextField extends BoundField<TextSpec> {
  protected readonly shown = signal(false)
  protected readonly type = computed(() => {
    const { masked, inputmode } = this.spec()
    if (masked && !this.shown()) return 'password'
    return inputmode === 'tel' ? 'tel' : 'text'
  })

  protected generate(): void {
    const { generate } = this.spec()
    if (!generate) return
    this.set(randomText(generate))
    this.shown.set(true)
    this.touch()
  }
}
