import { ChangeDetectionStrategy, Component, inject } from '@angular/core'
import { TuiButton } from '@taiga-ui/core'
import { injectTexts } from '../../../../shared/i18n/texts.ts'
import { Session } from '../../../../shared/live/session.ts'
import { PasswordCard } from './password-card.ts'
import { ServerCard } from './server-card.ts'
import { SessionsCard } from './sessions-card.ts'
import { ThemeCard } from './theme-card.ts'

@Component({
  selector: 'sd-settings',
  imports: [TuiButton, PasswordCard, ServerCard, SessionsCard, ThemeCard],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <div class="page page-narrow">
      <header class="page-head">
        <h1>{{ t().settings.title }}</h1>
        <button
          tuiButton
          size="s"
          appearance="secondary"
          iconStart="@tui.log-out"
          type="button"
          (click)="session.logout()"
        >
          {{ t().settings.logout }}
        </button>
      </header>
      <sd-server-card />
      <sd-theme-card />
      <sd-sessions-card />
      <sd-password-card />
    </div>
  `,
})
export class SettingsPage {
  protected readonly t = injectTexts()
  protected readonly session = inject(Session)
}
