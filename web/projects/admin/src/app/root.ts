import { ChangeDetectionStrategy, Component, inject } from '@angular/core'
import { TuiLoader, TuiRoot } from '@taiga-ui/core'
import { FirstBoot } from '../../../setup/first-boot.ts'
import { Session } from '../../../shared/live/session.ts'
import { Theme } from '../../../shared/theme.ts'
import { LoginPage } from './login/login-page.ts'
import { Reload } from './shell/reload.ts'
import { PhasePage } from './shell/phase-page.ts'
import { Shell } from './shell/shell.ts'

/** Shows what the server is up to; only the `in` phase has addresses, so a deep link survives a login. */
@Component({
  selector: 'sd-root',
  imports: [TuiRoot, TuiLoader, FirstBoot, LoginPage, PhasePage, Reload, Shell],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <tui-root>
      @switch (session.phase()) {
        @case ('looking') {
          <tui-loader class="looking" size="xl" />
        }
        @case ('setup') {
          @defer {
            <sd-first-boot />
          } @error {
            <sd-reload />
          }
        }
        @case ('login') {
          @defer {
            <sd-login />
          } @error {
            <sd-reload />
          }
        }
        @case ('in') {
          <sd-shell />
        }
        @default {
          <sd-phase />
        }
      }
    </tui-root>
  `,
  styles: `
    .looking {
      margin: auto;
    }
  `,
})
export class Root {
  protected readonly session = inject(Session)

  constructor() {
    inject(Theme)
    void this.session.look()
  }
}
