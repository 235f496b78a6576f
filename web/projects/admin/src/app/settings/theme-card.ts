import { ChangeDetectionStrategy, Component, inject } from '@angular/core'
import { TuiIcon } from '@taiga-ui/core'
import { injectTexts } from '../../../../shared/i18n/texts.ts'
import { Theme } from '../../../../shared/theme.ts'

@Component({
  selector: 'sd-theme-card',
  imports: [TuiIcon],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <section class="card">
      <fieldset>
        <legend>
          <h2>{{ t().settings.look }}</h2>
        </legend>
        @for (choice of choices; track choice.value) {
          <label [class.chosen]="theme.choice() === choice.value">
            <input
              class="visually-hidden"
              type="radio"
              name="theme"
              [checked]="theme.choice() === choice.value"
              (change)="theme.choose(choice.value)"
            />
            <tui-icon [icon]="choice.icon" aria-hidden="true" />
            {{ t().settings.themes[choice.value] }}
          </label>
        }
      </fieldset>
    </section>
  `,
  styles: `
    fieldset {
      display: grid;
      grid-template-columns: repeat(3, 1fr);
      gap: 0.75rem;
      border: 0;
      margin: 0;
      padding: 0;
    }
    legend {
      padding: 0;
      margin-block-end: 0.875rem;
    }
    label {
      display: flex;
      align-items: center;
      justify-content: center;
      gap: 0.625rem;
      min-block-size: 3.25rem;
      padding: 0.5rem;
      border: 1px solid var(--sd-line-strong);
      border-radius: 0.875rem;
      cursor: pointer;
      font-weight: 540;
      text-align: center;
    }
    label:hover {
      background: var(--sd-sunken);
    }
    .chosen {
      border-color: var(--sd-accent);
      box-shadow: inset 0 0 0 1px var(--sd-accent);
      background: var(--sd-accent-soft) !important;
      color: var(--sd-accent);
    }
    label:has(:focus-visible) {
      outline: 2px solid var(--tui-border-focus);
      outline-offset: 2px;
    }
    tui-icon {
      font-size: 1.25rem;
    }
    @media (max-width: 40rem) {
      label {
        flex-direction: column;
        gap: 0.25rem;
        font-size: 0.8125rem;
        padding-block: 0.75rem;
      }
    }
  `,
})
export class ThemeCard {
  protected readonly t = injectTexts()
  protected readonly theme = inject(Theme)
  protected readonly choices = [
    { value: 'system', icon: '@tui.monitor' },
    { value: 'light', icon: '@tui.sun' },
    { value: 'dark', icon: '@tui.moon' },
  ] as const
}
