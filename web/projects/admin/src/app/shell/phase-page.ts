import { ChangeDetectionStrategy, Component, computed, inject } from '@angular/core'
import { TuiLoader } from '@taiga-ui/core'
import { Logo } from '../../../../shared/brand/logo.ts'
import { injectTexts } from '../../../../shared/i18n/texts.ts'
import { Session } from '../../../../shared/live/session.ts'
import { InstallPhases } from '../../../../shared/ui/install-phases.ts'

/** The server does not answer, is starting, or could not start. */
@Component({
  selector: 'sd-phase',
  imports: [TuiLoader, Logo, InstallPhases],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <main class="center-card">
      <sd-logo />
      <h1>{{ title() }}</h1>
      <p class="secondary">{{ text() }}</p>
      @if (session.phase() === 'trouble') {
        <div class="card">
          <strong>{{ session.trouble()?.message }}</strong>
          <p class="prose">{{ session.trouble()?.details }}</p>
        </div>
      } @else if (session.phase() === 'starting' && session.startProgress()) {
        <sd-install-phases [progress]="session.startProgress()!" />
      } @else {
        <tui-loader size="m" />
      }
    </main>
  `,
  styleUrl: '../../../../shared/ui/center-card.css',
})
export class PhasePage {
  protected readonly t = injectTexts()
  protected readonly session = inject(Session)
  protected readonly title = computed(() => {
    const { unreachable, starting, trouble } = this.t().phase
    return { starting, trouble }[this.session.phase() as 'starting' | 'trouble'] ?? unreachable
  })
  protected readonly text = computed(() => {
    const { unreachableText, startingText, troubleText } = this.t().phase
    const texts = { starting: startingText, trouble: troubleText }
    return texts[this.session.phase() as 'starting' | 'trouble'] ?? unreachableText
  })
}
