import { ChangeDetectionStrategy, Component, computed, inject, signal } from '@angular/core'
import { Router, RouterLink } from '@angular/router'
import { TuiButton, TuiIcon, TuiLoader } from '@taiga-ui/core'
import { Rpc } from '../../../../shared/api/rpc.ts'
import { injectTexts } from '../../../../shared/i18n/texts.ts'
import { Commands } from '../../../../shared/live/commands.ts'
import { manifestOf, Model, titleOf } from '../../../../shared/live/model.ts'
import { statusOf } from '../../../../shared/status/status.ts'
import { ErrorNote } from '../../../../shared/ui/error-note.ts'
import { InstallPhases } from '../../../../shared/ui/install-phases.ts'
import { ServiceIcon } from '../../../../shared/ui/service-icon.ts'
import { FileDrop } from './file-drop.ts'
import { type PackagePreview, previewOf, type Refusal } from './package-preview.ts'
import { PreviewCard } from './preview-card.ts'
import { SideloadJob } from './sideload-job.ts'

type Step =
  | { name: 'choose'; refusal: Refusal | null }
  | { name: 'reading' }
  | { name: 'preview'; file: File; preview: PackagePreview; knownSigner: string | null }

/** Adds a service from a package file: choose, look, install. */
@Component({
  selector: 'sd-sideload',
  imports: [
    RouterLink,
    TuiButton,
    TuiIcon,
    TuiLoader,
    ErrorNote,
    InstallPhases,
    ServiceIcon,
    FileDrop,
    PreviewCard,
  ],
  changeDetection: ChangeDetectionStrategy.OnPush,
  templateUrl: './sideload-page.html',
  styleUrl: './sideload-page.css',
})
export class SideloadPage {
  readonly #rpc = inject(Rpc)
  readonly #model = inject(Model)
  readonly #commands = inject(Commands)
  readonly #router = inject(Router)
  protected readonly t = injectTexts()
  protected readonly sideload = inject(SideloadJob)
  protected readonly step = signal<Step>({ name: 'choose', refusal: null })

  /** How the installed service does; null before it is there. */
  protected readonly status = computed(() => {
    const entry = this.#model.packages()[this.sideload.job()?.preview.manifest.id ?? '']
    return entry ? statusOf(entry, null) : null
  })

  constructor() {
    this.sideload.forget()
  }

  protected async read(file: File): Promise<void> {
    this.step.set({ name: 'reading' })
    try {
      const outcome = await previewOf(file, await this.#architecture())
      if ('refusal' in outcome) this.again(outcome.refusal)
      else {
        const { preview } = outcome
        const knownSigner = await this.#rpc.call('package.signer', { id: preview.manifest.id })
        this.step.set({ name: 'preview', file, preview, knownSigner })
      }
    } catch (error) {
      this.again({ said: error instanceof Error ? error.message : String(error) })
    }
  }

  protected again(refusal: Refusal | null = null): void {
    this.sideload.forget()
    this.step.set({ name: 'choose', refusal })
  }

  /** Starts what was just installed; how that goes shows on its page. */
  protected async startService(id: string): Promise<void> {
    void this.#commands.run(id, 'start')
    await this.#router.navigate(['/services', id])
  }

  protected refusalText(refusal: Refusal): string {
    return 'known' in refusal ? this.t().sideload.refused[refusal.known] : refusal.said
  }

  protected installedName(id: string): string | null {
    const entry = this.#model.packages()[id]
    return entry ? titleOf(entry) : null
  }

  protected installedVersion(id: string): string | null {
    const entry = this.#model.packages()[id]
    return (entry?.stateInfo.state === 'installed' && manifestOf(entry)?.version) || null
  }

  /** Unknown is no reason to refuse: the server checks again. */
  async #architecture(): Promise<string | null> {
    const info = await this.#rpc.call('server.device-info', {}).catch(() => null)
    return info?.hardware?.arch ?? null
  }
}
