import { ChangeDetectionStrategy, Component, computed, inject, input } from '@angular/core'
import { RouterLink } from '@angular/router'
import { TuiButton, TuiLoader } from '@taiga-ui/core'
import type { PackageDataEntry } from '@startd/base/model.ts'
import { interfacesOf } from '../../../../shared/address/open-address.ts'
import { injectTexts } from '../../../../shared/i18n/texts.ts'
import { Commands } from '../../../../shared/live/commands.ts'
import { manifestOf, titleOf } from '../../../../shared/live/model.ts'
import { shareOf } from '../../../../shared/status/install-progress.ts'
import { statusOf } from '../../../../shared/status/status.ts'
import { ErrorNote } from '../../../../shared/ui/error-note.ts'
import { ProgressBar } from '../../../../shared/ui/progress-bar.ts'
import { ServiceIcon } from '../../../../shared/ui/service-icon.ts'
import { StatusBadge } from '../../../../shared/ui/status-badge.ts'

/** One service on the home page: what it is, how it does, and the one thing to do next. */
@Component({
  selector: 'sd-service-card',
  imports: [RouterLink, TuiButton, TuiLoader, ErrorNote, ProgressBar, ServiceIcon, StatusBadge],
  changeDetection: ChangeDetectionStrategy.OnPush,
  templateUrl: './service-card.html',
  styleUrl: './service-card.css',
})
export class ServiceCard {
  protected readonly t = injectTexts()
  protected readonly commands = inject(Commands)
  readonly id = input.required<string>()
  readonly entry = input.required<PackageDataEntry>()
  protected readonly title = computed(() => titleOf(this.entry()))
  protected readonly version = computed(() => manifestOf(this.entry())?.version ?? '')
  protected readonly status = computed(() =>
    statusOf(this.entry(), this.commands.pending().get(this.id()) ?? null),
  )
  protected readonly failure = computed(() => this.commands.failures().get(this.id()) ?? null)
  protected readonly ratio = computed(() => {
    const { stateInfo } = this.entry()
    return 'installingInfo' in stateInfo ? shareOf(stateInfo.installingInfo.progress.overall) : null
  })
  protected readonly installing = computed(() => 'installingInfo' in this.entry().stateInfo)
  protected readonly openUrl = computed(() => {
    if (this.status().kind !== 'running') return null
    const page = interfacesOf(this.entry().hosts, location).find(
      ({ type, addresses }) => type === 'ui' && addresses.length > 0,
    )
    return page?.addresses[0]?.url ?? null
  })
}
