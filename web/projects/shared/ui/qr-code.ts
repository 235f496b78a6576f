import { ChangeDetectionStrategy, Component, inject, input, signal, type TemplateRef } from '@angular/core'
import { TuiButton, TuiDialogService } from '@taiga-ui/core'
import { injectTexts } from '../i18n/texts.ts'

/** Shows a text as a QR code, for a phone to read. The drawing code is loaded when it is first wanted. */
@Component({
  selector: 'sd-qr',
  imports: [TuiButton],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <button
      tuiIconButton
      type="button"
      size="s"
      appearance="flat"
      iconStart="@tui.qr-code"
      [title]="t().common.qrCode"
      (click)="show(code)"
    >
      {{ t().common.qrCode }} {{ name() }}
    </button>
    <ng-template #code>
      <h2>{{ name() }}</h2>
      @if (path(); as drawing) {
        <svg
          [attr.viewBox]="'0 0 ' + drawing.size + ' ' + drawing.size"
          role="img"
          [attr.aria-label]="t().common.qrCode"
        >
          <path fill="#000" [attr.d]="drawing.d" />
        </svg>
      }
    </ng-template>
  `,
  styles: `
    svg {
      display: block;
      inline-size: min(100%, 18rem);
      margin: 1rem auto 0;
      background: #fff;
      border-radius: 0.75rem;
      shape-rendering: crispEdges;
    }
  `,
})
export class QrCode {
  readonly #dialogs = inject(TuiDialogService)
  protected readonly t = injectTexts()
  readonly text = input.required<string>()
  readonly name = input('')
  protected readonly path = signal<{ size: number; d: string } | null>(null)

  protected async show(template: TemplateRef<unknown>): Promise<void> {
    this.#dialogs.open(template as TemplateRef<never>, { size: 's' }).subscribe()
    const { encode } = await import('uqr')
    const { data, size } = encode(this.text(), { border: 3 })
    const d = data
      .flatMap((line, y) => line.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : [])))
      .join('')
    this.path.set({ size, d })
  }
}
