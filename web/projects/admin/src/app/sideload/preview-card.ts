import { ChangeDetectionStrategy, Component, computed, input, output, resource, signal } from '@angular/core'
import { TuiButton, TuiIcon } from '@taiga-ui/core'
import { injectTexts } from '../../../../shared/i18n/texts.ts'
import { bytesText } from '@startd/base/bytes-text.ts'
import { ServiceIcon } from '../../../../shared/ui/service-icon.ts'
import { changeOf, type PackagePreview } from './package-preview.ts'
import { permissionsOf } from './permissions.ts'

/** What is in the package, before anything is installed. */
@Component({
  selector: 'sd-preview',
  imports: [TuiButton, TuiIcon, ServiceIcon],
  changeDetection: ChangeDetectionStrategy.OnPush,
  templateUrl: './preview-card.html',
  styleUrl: './preview-card.css',
})
export class PreviewCard {
  protected readonly t = injectTexts()
  readonly preview = input.required<PackagePreview>()
  readonly installed = input<string | null>(null)
  readonly busy = input(false)
  /** What the owner knows the service by: the name in a file of somebody else may be anything. */
  readonly knownName = input<string | null>(null)
  /** Fingerprint of the key that this service's packages were signed by so far. */
  readonly knownSigner = input<string | null>(null)
  protected readonly isOtherSigner = computed(() => {
    const known = this.knownSigner()
    return known !== null && known !== this.preview().signer
  })
  protected readonly isTrusted = signal(false)
  readonly install = output()
  readonly another = output()
  protected readonly size = computed(() => bytesText(this.preview().size))
  protected readonly permissions = computed(() => permissionsOf(this.preview().manifest, this.t().sideload))
  readonly #change = resource({
    params: () => ({ from: this.installed(), to: this.preview().manifest.version }),
    loader: ({ params }) => changeOf(params.from, params.to),
  })
  protected readonly keepsData = computed(() => ['reinstall', 'update'].includes(this.#change.value() ?? ''))
  protected readonly button = computed(() => {
    const { sideload } = this.t()
    const from = this.installed()
    const to = this.preview().manifest.version
    const change = this.#change.value()
    if (from === null || change === undefined || change === 'install') return sideload.install
    return change === 'reinstall' ? sideload.reinstall : sideload[change](from, to)
  })
}
