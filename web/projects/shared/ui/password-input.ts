import { ChangeDetectionStrategy, Component, input, model, output, signal } from '@angular/core'
import { TuiAppearance, TuiButton } from '@taiga-ui/core'
import { injectTexts } from '../i18n/texts.ts'

/** A secret that can be looked at; what is typed never leaves the component but by `value`. */
@Component({
  selector: 'sd-password',
  imports: [TuiAppearance, TuiButton],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <input
      class="control"
      tuiAppearance="textfield"
      [id]="inputId()"
      [type]="shown() ? 'text' : 'password'"
      [value]="value()"
      [attr.autocomplete]="autocomplete()"
      [attr.aria-invalid]="invalid() || null"
      [attr.aria-describedby]="inputId() + (invalid() ? '-error' : '-hint')"
      [disabled]="disabled()"
      [readOnly]="readonly()"
      [tuiAppearanceMode]="invalid() ? 'invalid' : null"
      autocapitalize="off"
      spellcheck="false"
      (input)="value.set($any($event.target).value)"
      (blur)="left.emit()"
    />
    <button
      tuiIconButton
      type="button"
      size="s"
      appearance="flat"
      [iconStart]="shown() ? '@tui.eye-off' : '@tui.eye'"
      [attr.aria-pressed]="shown()"
      (click)="shown.set(!shown())"
    >
      {{ shown() ? t().common.hide : t().common.show }}
    </button>
  `,
  styles: `
    :host {
      position: relative;
      display: block;
      flex: 1;
    }
    input {
      padding-inline-end: 3rem;
    }
    button {
      position: absolute;
      inset-block-start: 0.3125rem;
      inset-inline-end: 0.375rem;
    }
  `,
})
export class PasswordInput {
  protected readonly t = injectTexts()
  readonly inputId = input.required<string>()
  readonly value = model('')
  readonly autocomplete = input('current-password')
  readonly invalid = input(false)
  readonly disabled = input(false)
  readonly readonly = input(false)
  readonly left = output()
  protected readonly shown = signal(false)
}
