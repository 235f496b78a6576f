import { ChangeDetectionStrategy, Component, inject, Injectable, signal } from '@angular/core'
import { FormsModule } from '@angular/forms'
import { TuiButton, type TuiDialogContext, TuiDialogService } from '@taiga-ui/core'
import { injectContext, PolymorpheusComponent } from '@taiga-ui/polymorpheus'
import { TuiSwitch } from '@taiga-ui/kit/components/switch'
import { map, type Observable, of, defaultIfEmpty } from 'rxjs'
import { injectTexts } from '../i18n/texts.ts'

export interface Question {
  title: string
  text: string
  yes: string
  no?: string
  /** What cannot be undone is red. */
  destructive?: boolean
  /** A choice that goes with a yes. */
  option?: string
}

/** A yes; `option` as it was set. */
export interface Yes {
  option: boolean
}

/** Asks before something that matters. Texts are shown as they are, never as HTML. */
@Component({
  selector: 'sd-confirm',
  imports: [FormsModule, TuiButton, TuiSwitch],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <h2 [id]="context.id">{{ context.data.title }}</h2>
    <p class="secondary">{{ context.data.text }}</p>
    @if (context.data.option; as option) {
      <label class="row">
        <input
          tuiSwitch
          type="checkbox"
          [showIcons]="false"
          [ngModel]="chosen()"
          (ngModelChange)="chosen.set($event)"
        />
        {{ option }}
      </label>
    }
    <footer>
      <button tuiButton size="m" appearance="secondary" type="button" (click)="context.$implicit.complete()">
        {{ context.data.no ?? t().common.cancel }}
      </button>
      <button
        tuiButton
        size="m"
        type="button"
        [appearance]="context.data.destructive ? 'primary-destructive' : 'primary'"
        (click)="context.completeWith({ option: chosen() })"
      >
        {{ context.data.yes }}
      </button>
    </footer>
  `,
  styles: `
    :host {
      display: flex;
      flex-direction: column;
      gap: 0.75rem;
    }
    h2 {
      font-size: 1.25rem;
      padding-inline-end: 2rem;
    }
    p {
      white-space: pre-line;
      overflow-wrap: anywhere;
    }
    footer {
      display: flex;
      flex-wrap: wrap;
      justify-content: flex-end;
      gap: 0.75rem;
      margin-block-start: 0.75rem;
    }
    @media (max-width: 40rem) {
      footer > * {
        flex: 1;
      }
    }
  `,
})
class ConfirmDialog {
  protected readonly t = injectTexts()
  protected readonly context = injectContext<TuiDialogContext<Yes, Question>>()
  protected readonly chosen = signal(false)
}

@Injectable({ providedIn: 'root' })
export class Confirm {
  readonly #dialogs = inject(TuiDialogService)

  /** Speaks once, and only after a yes. */
  ask(question: Question): Observable<Yes> {
    return this.#dialogs.open<Yes>(new PolymorpheusComponent(ConfirmDialog), { data: question, size: 's' })
  }

  /** Speaks once: whether the answer was yes. Asks nothing where there is no question. */
  allows(question: Question | null): Observable<boolean> {
    if (question === null) return of(true)
    return this.ask(question).pipe(
      map(() => true),
      defaultIfEmpty(false),
    )
  }
}
