import { ChangeDetectionStrategy, Component, computed, inject, linkedSignal, signal } from '@angular/core'
import { TuiAppearance, TuiButton } from '@taiga-ui/core'
import { Rpc } from '../../../../shared/api/rpc.ts'
import { injectTexts } from '../../../../shared/i18n/texts.ts'
import { Model } from '../../../../shared/live/model.ts'
import { ErrorNote } from '../../../../shared/ui/error-note.ts'
import { Field } from '../../../../shared/ui/field.ts'

const LONGEST_NAME = 63

/** The server's name, and what it is. */
@Component({
  selector: 'sd-server-card',
  imports: [TuiAppearance, TuiButton, ErrorNote, Field],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <section class="card stack">
      <h2>{{ t().settings.server }}</h2>
      <form (submit)="save($event)">
        <sd-field
          for="server-name"
          [label]="t().settings.name"
          [error]="tooLong() ? t().settings.nameLong : null"
          [hint]="saved() ? t().common.saved : t().settings.nameHint"
        >
          <div class="row">
            <input
              class="control"
              tuiAppearance="textfield"
              id="server-name"
              [tuiAppearanceMode]="tooLong() ? 'invalid' : null"
              [attr.aria-invalid]="tooLong() || null"
              [attr.aria-describedby]="tooLong() ? 'server-name-error' : 'server-name-hint'"
              [value]="name()"
              (input)="change($any($event.target).value)"
            />
            @if (name().trim() && name() !== model.server()?.name) {
              <button tuiButton size="m" type="submit" [disabled]="busy() || tooLong()">
                {{ t().common.save }}
              </button>
            }
          </div>
        </sd-field>
      </form>
      @if (failure(); as error) {
        <sd-error [heading]="t().settings.nameFailed" [error]="error" />
      }
      <p class="secondary small">
        {{ t().settings.address }}: <span class="mono">{{ model.server()?.hostname }}</span> ·
        {{ t().settings.version(model.server()?.version ?? '') }}
      </p>
    </section>
  `,
})
export class ServerCard {
  readonly #rpc = inject(Rpc)
  protected readonly t = injectTexts()
  protected readonly model = inject(Model)
  protected readonly name = linkedSignal(() => this.model.server()?.name ?? '')
  protected readonly tooLong = computed(() => this.name().trim().length > LONGEST_NAME)
  protected readonly busy = signal(false)
  protected readonly saved = signal(false)
  protected readonly failure = signal<unknown>(null)

  protected change(name: string): void {
    this.name.set(name)
    this.saved.set(false)
  }

  protected async save(event: Event): Promise<void> {
    event.preventDefault()
    if (this.tooLong()) return
    this.busy.set(true)
    this.failure.set(null)
    try {
      // The network name stays: addresses that people know would change with it.
      const hostname = this.model.server()?.hostname ?? null
      await this.#rpc.call('server.set-hostname', { name: this.name().trim(), hostname })
      this.saved.set(true)
    } catch (error) {
      this.failure.set(error)
    } finally {
      this.busy.set(false)
    }
  }
}
