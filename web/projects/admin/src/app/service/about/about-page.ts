import { ChangeDetectionStrategy, Component, computed, inject, signal } from '@angular/core'
import { Router } from '@angular/router'
import { TuiButton, TuiIcon } from '@taiga-ui/core'
import { Rpc } from '../../../../../shared/api/rpc.ts'
import { injectTexts } from '../../../../../shared/i18n/texts.ts'
import { localText } from '../../../../../shared/i18n/local-text.ts'
import { Confirm } from '../../../../../shared/ui/confirm.ts'
import { CopyButton } from '../../../../../shared/ui/copy-button.ts'
import { ErrorNote } from '../../../../../shared/ui/error-note.ts'
import { ServiceContext } from '../service-context.ts'

@Component({
  selector: 'sd-about',
  imports: [TuiButton, TuiIcon, CopyButton, ErrorNote],
  changeDetection: ChangeDetectionStrategy.OnPush,
  templateUrl: './about-page.html',
  styleUrl: './about-page.css',
})
export class AboutPage {
  readonly #rpc = inject(Rpc)
  readonly #confirm = inject(Confirm)
  readonly #router = inject(Router)
  protected readonly t = injectTexts()
  protected readonly service = inject(ServiceContext)
  protected readonly failure = signal<unknown>(null)
  protected readonly removable = computed(() => this.service.entry()?.stateInfo.state === 'installed')
  protected readonly description = computed(() => localText(this.service.manifest()?.description.long ?? ''))
  protected readonly notes = computed(() => localText(this.service.manifest()?.releaseNotes ?? ''))
  protected readonly facts = computed(() => {
    const manifest = this.service.manifest()
    if (!manifest) return []
    const { about } = this.t()
    return [
      { name: about.id, value: manifest.id, copy: true },
      { name: about.version, value: manifest.version, copy: true },
      { name: about.license, value: manifest.license, copy: false },
      { name: about.architectures, value: manifest.hardwareRequirements.arch?.join(', ') ?? '', copy: false },
      { name: about.sdk, value: manifest.sdkVersion ?? '', copy: false },
      { name: about.gitHash, value: manifest.gitHash ?? '', copy: true },
    ].filter(({ value }) => value !== '')
  })
  protected readonly links = computed(() => {
    const manifest = this.service.manifest()
    if (!manifest) return []
    const { about } = this.t()
    return [
      { name: about.website, url: manifest.marketingUrl },
      { name: about.upstream, url: manifest.upstreamRepo },
      { name: about.source, url: manifest.packageRepo },
      { name: about.donate, url: manifest.donationUrl },
    ].filter((link): link is { name: string; url: string } => /^https?:\/\//.test(link.url ?? ''))
  })

  protected uninstall(): void {
    const { about } = this.t()
    const name = this.service.title()
    this.#confirm
      .ask({
        title: about.confirmTitle(name),
        text: about.confirmText(name),
        yes: about.confirmYes(name),
        option: about.keepData,
        destructive: true,
      })
      .subscribe(({ option }) => void this.#remove(option))
  }

  async #remove(soft: boolean): Promise<void> {
    this.failure.set(null)
    try {
      await this.#rpc.call('package.uninstall', { id: this.service.id(), soft, force: false })
      await this.#router.navigateByUrl('/services')
    } catch (error) {
      this.failure.set(error)
    }
  }
}
