import { ChangeDetectionStrategy, Component, forwardRef, input, signal } from '@angular/core'
import { TuiButton } from '@taiga-ui/core'
import type { ActionResultValue } from '@startd/base/service-schemas.ts'
import { injectTexts } from '../../../../../shared/i18n/texts.ts'
import { CopyButton } from '../../../../../shared/ui/copy-button.ts'
import { QrCode } from '../../../../../shared/ui/qr-code.ts'

/** One value to read, copy or scan, hidden where it is a secret; or a group of them. */
@Component({
  selector: 'sd-result-value',
  imports: [TuiButton, CopyButton, QrCode, forwardRef(() => ResultValue)],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    @let now = value();
    @if (now.type === 'single') {
      <div class="value">
        <output class="grow mono">{{ now.masked && !shown() ? dots : now.value }}</output>
        @if (now.masked) {
          <button
            tuiIconButton
            type="button"
            size="s"
            appearance="flat"
            [iconStart]="shown() ? '@tui.eye-off' : '@tui.eye'"
            [attr.aria-pressed]="shown()"
            (click)="shown.set(!shown())"
          >
            {{ shown() ? t().common.hide : t().common.show }} {{ name() }}
          </button>
        }
        @if (now.copyable) {
          <sd-copy [text]="now.value" [what]="name()" />
        }
        @if (now.qr) {
          <sd-qr [text]="now.value" [name]="name()" />
        }
      </div>
    } @else {
      <dl>
        @for (member of now.value; track $index) {
          <div>
            <dt>{{ member.name }}</dt>
            <dd>
              @if (member.description) {
                <p class="secondary small prose">{{ member.description }}</p>
              }
              <sd-result-value [value]="member" [name]="member.name" />
            </dd>
          </div>
        }
      </dl>
    }
  `,
  styles: `
    .value {
      display: flex;
      align-items: center;
      gap: 0.25rem;
      min-block-size: 2.75rem;
      padding: 0.3125rem 0.5rem 0.3125rem 0.875rem;
      border: 1px solid var(--sd-line);
      border-radius: 0.875rem;
      background: var(--sd-sunken);
    }
    output {
      overflow-wrap: anywhere;
      white-space: pre-wrap;
      max-block-size: 12rem;
      overflow-y: auto;
    }
    dl {
      display: flex;
      flex-direction: column;
      gap: 1rem;
    }
    dt {
      font-size: 0.875rem;
      font-weight: 580;
      margin-block-end: 0.25rem;
    }
    dd dl {
      padding-inline-start: 1rem;
      border-inline-start: 2px solid var(--sd-line);
    }
  `,
})
export class ResultValue {
  protected readonly t = injectTexts()
  readonly value = input.required<ActionResultValue>()
  readonly name = input('')
  protected readonly shown = signal(false)
  /** Tells nothing of the length. */
  protected readonly dots = '••••••••••••'
}
