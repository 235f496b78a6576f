import { ChangeDetectionStrategy, Component, computed, input, output } from '@angular/core'
import { TuiButton, TuiIcon } from '@taiga-ui/core'
import { RpcFailure } from '../api/rpc-failure.ts'
import { injectTexts } from '../i18n/texts.ts'

/** An error where it happened: what went wrong, what to do about it, and a way to try again or close it. */
@Component({
  selector: 'sd-error',
  imports: [TuiButton, TuiIcon],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <tui-icon icon="@tui.circle-alert" aria-hidden="true" />
    <div class="grow">
      <strong>{{ heading() || title() }}</strong>
      <p>
        @if (heading() && title() && !details()) {
          {{ title() }}
        }
        {{ details() }}
      </p>
      @if (retryable()) {
        <button tuiButton size="s" appearance="secondary" type="button" (click)="retry.emit()">
          {{ t().common.retry }}
        </button>
      }
    </div>
    @if (closable()) {
      <button
        tuiIconButton
        size="s"
        appearance="flat"
        iconStart="@tui.x"
        type="button"
        (click)="closed.emit()"
      >
        {{ t().common.close }}
      </button>
    }
  `,
  host: { role: 'alert' },
  styles: `
    :host {
      display: flex;
      gap: 0.75rem;
      padding: 0.875rem 1rem;
      border-radius: 0.875rem;
      background: var(--sd-negative-soft);
      color: var(--sd-text);
    }
    tui-icon {
      font-size: 1.25rem;
      margin-block-start: 0.125rem;
      color: var(--sd-negative);
    }
    p {
      overflow-wrap: anywhere;
      white-space: pre-line;
    }
    div button {
      margin-block-start: 0.625rem;
    }
  `,
})
export class ErrorNote {
  protected readonly t = injectTexts()
  readonly error = input.required<unknown>()
  /** What was tried, in the words of the page. */
  readonly heading = input('')
  readonly retryable = input(false)
  readonly closable = input(false)
  readonly retry = output()
  readonly closed = output()
  protected readonly title = computed(() => {
    const error = this.error()
    if (error instanceof RpcFailure) return error.title
    return error instanceof Error ? error.message : String(error)
  })
  protected readonly details = computed(() => {
    const error = this.error()
    return error instanceof RpcFailure ? error.details : ''
  })
}
