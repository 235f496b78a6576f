import { ChangeDetectionStrategy, Component, output, signal } from '@angular/core'
import { TuiButton, TuiIcon } from '@taiga-ui/core'
import { injectTexts } from '../../../../shared/i18n/texts.ts'

/** A place to drop a file on, and a button for everyone else. */
@Component({
  selector: 'sd-file-drop',
  imports: [TuiButton, TuiIcon],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <div
      class="zone"
      [class.over]="over()"
      (dragover)="hover($event)"
      (dragleave)="over.set(false)"
      (drop)="drop($event)"
    >
      <span class="badge"><tui-icon icon="@tui.package-plus" aria-hidden="true" /></span>
      <strong>{{ t().sideload.drop }}</strong>
      <span class="secondary small">{{ t().sideload.or }}</span>
      <button tuiButton size="m" type="button" (click)="input.click()">{{ t().sideload.choose }}</button>
      <span class="secondary small">{{ t().sideload.fileType }}</span>
      <input
        #input
        class="visually-hidden"
        type="file"
        accept=".s9pk"
        tabindex="-1"
        aria-hidden="true"
        (change)="pick(input)"
      />
    </div>
  `,
  styles: `
    .zone {
      display: flex;
      flex-direction: column;
      align-items: center;
      gap: 0.625rem;
      padding: 3.5rem 1.5rem;
      border: 2px dashed var(--sd-line-strong);
      border-radius: 1.25rem;
      background: var(--sd-card);
      text-align: center;
      transition:
        border-color 0.15s,
        background 0.15s;
    }
    .over {
      border-color: var(--sd-accent-solid);
      background: var(--sd-accent-soft);
    }
    .badge {
      display: grid;
      place-items: center;
      inline-size: 3.5rem;
      block-size: 3.5rem;
      margin-block-end: 0.5rem;
      border-radius: 1.125rem;
      background: var(--sd-accent-soft);
      color: var(--sd-accent);
    }
    .over .badge {
      background: var(--sd-card);
    }
    strong {
      font-size: 1.0625rem;
      font-weight: 620;
    }
    button {
      margin-block: 0.25rem;
    }
  `,
})
export class FileDrop {
  protected readonly t = injectTexts()
  protected readonly over = signal(false)
  readonly chosen = output<File>()

  protected hover(event: DragEvent): void {
    event.preventDefault()
    this.over.set(true)
  }

  protected drop(event: DragEvent): void {
    event.preventDefault()
    this.over.set(false)
    const file = event.dataTransfer?.files[0]
    if (file) this.chosen.emit(file)
  }

  protected pick(input: HTMLInputElement): void {
    const file = input.files?.[0]
    if (file) this.chosen.emit(file)
    input.value = ''
  }
}
