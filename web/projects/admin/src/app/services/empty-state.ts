import { ChangeDetectionStrategy, Component } from '@angular/core'
import { RouterLink } from '@angular/router'
import { TuiButton, TuiIcon } from '@taiga-ui/core'
import { injectTexts } from '../../../../shared/i18n/texts.ts'

/** What a newcomer sees on a server without services: what a service is, and the next step. */
@Component({
  selector: 'sd-empty-state',
  imports: [RouterLink, TuiButton, TuiIcon],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <section class="card">
      <div class="badge"><tui-icon icon="@tui.sparkles" aria-hidden="true" /></div>
      <h1>{{ t().services.emptyTitle }}</h1>
      <p class="secondary">{{ t().services.emptyText }}</p>
      <a tuiButton size="m" iconStart="@tui.plus" routerLink="/add">{{ t().services.emptyButton }}</a>
      <ol>
        @for (step of t().services.emptySteps; track step.title) {
          <li>
            <b aria-hidden="true">{{ $index + 1 }}</b>
            <h2>{{ step.title }}</h2>
            <p class="secondary small">{{ step.text }}</p>
          </li>
        }
      </ol>
    </section>
  `,
  styles: `
    section {
      display: flex;
      flex-direction: column;
      align-items: flex-start;
      gap: 1rem;
      padding: 3rem;
      margin-block-start: 1rem;
    }
    .badge {
      display: grid;
      place-items: center;
      inline-size: 3.25rem;
      block-size: 3.25rem;
      border-radius: 1rem;
      background: var(--sd-accent-soft);
      color: var(--sd-accent);
    }
    h1 {
      max-inline-size: 24ch;
    }
    section > p {
      max-inline-size: 60ch;
      font-size: 1rem;
    }
    ol {
      display: grid;
      grid-template-columns: repeat(auto-fit, minmax(13rem, 1fr));
      gap: 1.5rem;
      inline-size: 100%;
      margin-block-start: 1.75rem;
      padding-block-start: 1.75rem;
      border-block-start: 1px solid var(--sd-line);
    }
    b {
      display: grid;
      place-items: center;
      inline-size: 1.75rem;
      block-size: 1.75rem;
      margin-block-end: 0.625rem;
      border-radius: 50%;
      background: var(--sd-sunken);
      color: var(--sd-text-2);
      font-size: 0.8125rem;
    }
    @media (max-width: 47.9375rem) {
      section {
        padding: 1.5rem 1.25rem;
      }
    }
  `,
})
export class EmptyState {
  protected readonly t = injectTexts()
}
