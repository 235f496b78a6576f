import { ChangeDetectionStrategy, Component, computed, inject, signal } from '@angular/core'
import { RouterLink } from '@angular/router'
import { TuiButton } from '@taiga-ui/core'
import { injectTexts } from '../../../../../shared/i18n/texts.ts'
import { Rpc } from '../../../../../shared/api/rpc.ts'
import { dateText } from '../../../../../shared/ui/time-text.ts'
import { ErrorNote } from '../../../../../shared/ui/error-note.ts'
import { InstallPhases } from '../../../../../shared/ui/install-phases.ts'
import { ServiceContext } from '../service-context.ts'
import { AddressesCard } from './addresses-card.ts'
import { HealthCard } from './health-card.ts'
import { TasksCard } from './tasks-card.ts'

@Component({
  selector: 'sd-overview',
  imports: [RouterLink, TuiButton, ErrorNote, InstallPhases, AddressesCard, HealthCard, TasksCard],
  changeDetection: ChangeDetectionStrategy.OnPush,
  templateUrl: './overview-page.html',
  styleUrl: './overview-page.css',
})
export class OverviewPage {
  readonly #rpc = inject(Rpc)
  protected readonly t = injectTexts()
  protected readonly service = inject(ServiceContext)
  protected readonly failure = signal<{ heading: string; error: unknown } | null>(null)
  protected readonly busy = signal(false)
  protected readonly progress = computed(() => {
    const state = this.service.entry()?.stateInfo
    return state && 'installingInfo' in state ? state.installingInfo.progress : null
  })
  protected readonly error = computed(() => this.service.entry()?.statusInfo.error ?? null)
  protected readonly upSince = computed(() => {
    const started = this.service.entry()?.statusInfo.started
    return started ? this.t().service.upSince(dateText(started)) : null
  })

  protected cancel(): Promise<void> {
    return this.#try(this.t().progress.cancelFailed, 'package.cancel-install')
  }

  protected repair(): Promise<void> {
    return this.#try(this.t().service.failed.rebuild, 'package.rebuild')
  }

  async #try(heading: string, method: 'package.cancel-install' | 'package.rebuild'): Promise<void> {
    this.failure.set(null)
    this.busy.set(true)
    try {
      await this.#rpc.call(method, { id: this.service.id() })
    } catch (error) {
      this.failure.set({ heading, error })
    } finally {
      this.busy.set(false)
    }
  }
}
