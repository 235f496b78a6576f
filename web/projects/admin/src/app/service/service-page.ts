import { ChangeDetectionStrategy, Component, computed, effect, inject } from '@angular/core'
import { RouterLink, RouterLinkActive, RouterOutlet } from '@angular/router'
import { TuiButton, TuiIcon } from '@taiga-ui/core'
import { injectTexts } from '../../../../shared/i18n/texts.ts'
import { Commands } from '../../../../shared/live/commands.ts'
import { ServiceIcon } from '../../../../shared/ui/service-icon.ts'
import { StatusBadge } from '../../../../shared/ui/status-badge.ts'
import { ErrorNote } from '../../../../shared/ui/error-note.ts'
import { PageTitle } from '../page-title.ts'
import { ServiceContext } from './service-context.ts'

/** Head of a service’s pages: who it is, how it does, and its controls; the tabs are child routes. */
@Component({
  selector: 'sd-service-page',
  imports: [
    RouterLink,
    RouterLinkActive,
    RouterOutlet,
    TuiButton,
    TuiIcon,
    ServiceIcon,
    StatusBadge,
    ErrorNote,
  ],
  providers: [ServiceContext],
  changeDetection: ChangeDetectionStrategy.OnPush,
  templateUrl: './service-page.html',
  styleUrl: './service-page.css',
})
export class ServicePage {
  protected readonly t = injectTexts()
  protected readonly service = inject(ServiceContext)
  protected readonly commands = inject(Commands)
  protected readonly failure = computed(() => this.commands.failures().get(this.service.id()) ?? null)
  /** A service that is being installed or removed has nothing but its overview. */
  protected readonly tabs = computed(() => {
    const { overview, instructions, actions, logs, about } = this.t().service.tabs
    const all = [
      { link: './', text: overview, exact: true },
      { link: './instructions', text: instructions, exact: false },
      { link: './actions', text: actions, exact: false },
      { link: './logs', text: logs, exact: false },
      { link: './about', text: about, exact: false },
    ]
    const state = this.service.entry()?.stateInfo.state
    return state === 'installing' || state === 'restoring' ? [] : all
  })

  constructor() {
    const title = inject(PageTitle)
    effect(() => title.set(this.service.title()))
  }
}
