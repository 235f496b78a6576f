import { ChangeDetectionStrategy, Component, effect, inject, signal, untracked } from '@angular/core'
import { Router, RouterLink } from '@angular/router'
import { TuiButton, TuiIcon, TuiLoader } from '@taiga-ui/core'
import { NOTIFICATION_CODES, type DamagedPackage } from '@startd/base/model.ts'
import type { NotificationWithId } from '@startd/base/rpc/notification.ts'
import { Rpc } from '../../../../shared/api/rpc.ts'
import { injectTexts } from '../../../../shared/i18n/texts.ts'
import { Model, titleOf } from '../../../../shared/live/model.ts'
import { ErrorNote } from '../../../../shared/ui/error-note.ts'
import { agoText, dateText } from '../../../../shared/ui/time-text.ts'

const PAGE = 40
const ICONS = {
  success: '@tui.circle-check',
  info: '@tui.info',
  warning: '@tui.triangle-alert',
  error: '@tui.circle-x',
} as const

/** News of the server, newest first; read when shown, fetched anew when the model counts a new one. */
@Component({
  selector: 'sd-notifications',
  imports: [RouterLink, TuiButton, TuiIcon, TuiLoader, ErrorNote],
  changeDetection: ChangeDetectionStrategy.OnPush,
  templateUrl: './notifications-page.html',
  styleUrl: './notifications-page.css',
})
export class NotificationsPage {
  readonly #rpc = inject(Rpc)
  readonly #model = inject(Model)
  readonly #router = inject(Router)
  protected readonly t = injectTexts()
  protected readonly icons = ICONS
  protected readonly ago = (time: string) => agoText(time)
  protected readonly date = dateText
  protected readonly entries = signal<NotificationWithId[] | null>(null)
  protected readonly hasMore = signal(false)
  protected readonly failure = signal<unknown>(null)
  protected readonly repairing = signal<string | null>(null)

  constructor() {
    effect(() => {
      const unread = this.#model.unread()
      untracked(() => {
        if (unread > 0 || this.entries() === null) void this.load()
      })
    })
  }

  protected async load(): Promise<void> {
    await this.#try(async () => {
      const entries = await this.#rpc.call('notification.list', { limit: PAGE })
      this.entries.set(entries)
      this.hasMore.set(entries.length === PAGE)
      const newest = entries[0]
      if (newest && entries.some(({ seen }) => !seen)) {
        await this.#rpc.call('notification.mark-seen-before', { before: newest.id })
      }
    })
  }

  protected async more(): Promise<void> {
    await this.#try(async () => {
      const before = this.entries()?.at(-1)?.id
      if (before === undefined) return
      const older = await this.#rpc.call('notification.list', { before, limit: PAGE })
      this.entries.update((entries) => [...(entries ?? []), ...older])
      this.hasMore.set(older.length === PAGE)
    })
  }

  protected async remove(ids: number[]): Promise<void> {
    await this.#try(async () => {
      await this.#rpc.call('notification.remove', { ids })
      this.entries.update((entries) => entries && entries.filter(({ id }) => !ids.includes(id)))
    })
  }

  protected clear(): Promise<void> {
    return this.remove((this.entries() ?? []).map(({ id }) => id))
  }

  /** What can be done about a damaged package file that is still installed; null for any other news. */
  protected repairOf({ code, data, packageId }: NotificationWithId): DamagedPackage | null {
    const isInstalled = this.#model.packages()[packageId ?? ''] !== undefined
    return code === NOTIFICATION_CODES.damagedPackage && isInstalled ? (data as DamagedPackage) : null
  }

  /** Its service shows how far the new download is. */
  protected async refetch(id: string): Promise<void> {
    this.repairing.set(id)
    await this.#try(async () => {
      await this.#rpc.call('package.refetch', { id })
      await this.#router.navigate(['/services', id])
    })
    this.repairing.set(null)
  }

  protected serviceName(id: string): string | null {
    const entry = this.#model.packages()[id]
    return entry ? titleOf(entry) : null
  }

  async #try(work: () => Promise<void>): Promise<void> {
    this.failure.set(null)
    try {
      await work()
    } catch (error) {
      this.failure.set(error)
    }
  }
}
