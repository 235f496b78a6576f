import { ChangeDetectionStrategy, Component, input, signal } from '@angular/core'
import { TuiButton } from '@taiga-ui/core'
import { injectTexts } from '../i18n/texts.ts'

const SHOWN_FOR = 2_000

/** Copies a text; also works over plain http, where browsers offer no clipboard API. */
@Component({
  selector: 'sd-copy',
  imports: [TuiButton],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <button
      tuiIconButton
      type="button"
      size="s"
      appearance="flat"
      [iconStart]="done() ? '@tui.check' : '@tui.copy'"
      [title]="t().common.copy"
      (click)="copy()"
    >
      {{ done() ? t().common.copied : t().common.copy }} {{ what() }}
    </button>
    <span class="visually-hidden" role="status">{{ done() ? t().common.copied : '' }}</span>
  `,
})
export class CopyButton {
  protected readonly t = injectTexts()
  readonly text = input.required<string>()
  /** What is copied, for those who only hear the button. */
  readonly what = input('')
  protected readonly done = signal(false)

  protected async copy(): Promise<void> {
    if (navigator.clipboard) await navigator.clipboard.writeText(this.text())
    else copyBySelection(this.text())
    this.done.set(true)
    setTimeout(() => this.done.set(false), SHOWN_FOR)
  }
}

function copyBySelection(text: string): void {
  const area = document.createElement('textarea')
  area.value = text
  area.style.position = 'fixed'
  area.style.opacity = '0'
  document.body.append(area)
  area.select()
  document.execCommand('copy')
  area.remove()
}
