import { ChangeDetectionStrategy, Component, inject, resource, ViewEncapsulation } from '@angular/core'
import { TuiLoader } from '@taiga-ui/core'
import { RpcFailure } from '../../../../../shared/api/rpc-failure.ts'
import { injectTexts } from '../../../../../shared/i18n/texts.ts'
import { ErrorNote } from '../../../../../shared/ui/error-note.ts'
import { ServiceContext } from '../service-context.ts'
import { markdownToHtml } from './markdown.ts'

/** What the maker of a service tells those who use it. */
@Component({
  selector: 'sd-instructions',
  imports: [TuiLoader, ErrorNote],
  changeDetection: ChangeDetectionStrategy.OnPush,
  // The styles are for elements that the text brings along.
  encapsulation: ViewEncapsulation.None,
  template: `
    @if (html.error(); as error) {
      <sd-error
        [heading]="t().instructions.failed"
        [error]="error"
        [retryable]="true"
        (retry)="html.reload()"
      />
    } @else if (html.isLoading()) {
      <section class="card reading"><tui-loader size="m" /></section>
    } @else if (html.value(); as text) {
      <section class="card markdown" [innerHTML]="text"></section>
    } @else {
      <section class="card">
        <h2>{{ t().instructions.none }}</h2>
        <p class="secondary">{{ t().instructions.noneText }}</p>
      </section>
    }
  `,
  styleUrl: './instructions-page.css',
})
export class InstructionsPage {
  readonly #service = inject(ServiceContext)
  protected readonly t = injectTexts()
  /** Null where the package has none. */
  protected readonly html = resource({
    params: () => ({ id: this.#service.id(), version: this.#service.manifest()?.version }),
    loader: ({ params, abortSignal }) => this.#read(params.id, abortSignal),
  })

  async #read(id: string, signal: AbortSignal): Promise<string | null> {
    const { errors } = this.t()
    const path = `/s9pk/installed/${encodeURIComponent(id)}.s9pk/instructions.md`
    const answer = await fetch(path, { signal, credentials: 'same-origin' }).catch((cause: unknown) => {
      throw new RpcFailure(null, errors.unreachable, errors.unreachableRemedy, cause)
    })
    if (answer.status === 404) return null
    if (!answer.ok) {
      throw new RpcFailure(null, errors.unexpected, `${answer.status} ${answer.statusText}`)
    }
    const markdown = await answer.text()
    return markdown.trim() === '' ? null : markdownToHtml(markdown)
  }
}
