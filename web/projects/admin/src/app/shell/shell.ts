import { ChangeDetectionStrategy, Component, computed, inject } from '@angular/core'
import { RouterLink, RouterLinkActive, RouterOutlet } from '@angular/router'
import { TuiIcon } from '@taiga-ui/core'
import { Logo } from '../../../../shared/brand/logo.ts'
import { injectTexts } from '../../../../shared/i18n/texts.ts'
import { Model } from '../../../../shared/live/model.ts'
import { ConnectionBanner } from './connection-banner.ts'
import { ConnectionDot } from './connection-dot.ts'

/** The frame of all pages: navigation at the side, or along the bottom of a phone. */
@Component({
  selector: 'sd-shell',
  imports: [RouterLink, RouterLinkActive, RouterOutlet, TuiIcon, Logo, ConnectionBanner, ConnectionDot],
  changeDetection: ChangeDetectionStrategy.OnPush,
  templateUrl: './shell.html',
  styleUrl: './shell.css',
})
export class Shell {
  protected readonly model = inject(Model)
  protected readonly t = injectTexts()
  protected readonly items = computed(() => {
    const { nav } = this.t()
    return [
      { link: '/services', icon: '@tui.layout-grid', text: nav.services, short: nav.services },
      { link: '/add', icon: '@tui.plus', text: nav.add, short: nav.addShort },
      { link: '/notifications', icon: '@tui.bell', text: nav.notifications, short: nav.notifications },
      { link: '/settings', icon: '@tui.settings', text: nav.settings, short: nav.settings },
    ]
  })

  protected skip(event: Event): void {
    event.preventDefault()
    document.querySelector<HTMLElement>('main')?.focus()
  }
}
