import { computed, inject, Injectable, type Signal } from '@angular/core'
import { toSignal } from '@angular/core/rxjs-interop'
import type { PackageDataEntry, PublicModel, ServerInfo } from '@startd/base/model.ts'
import { LiveDb } from './live-db.ts'

export interface Service {
  id: string
  entry: PackageDataEntry
}

/** The server's state as signals. Nothing here asks the server: it speaks when something changed. */
@Injectable({ providedIn: 'root' })
export class Model {
  readonly #document: Signal<PublicModel | undefined> = toSignal(inject(LiveDb).client.watch$())
  readonly isThere = computed(() => this.#document() !== undefined)
  readonly server: Signal<ServerInfo | undefined> = computed(() => this.#document()?.serverInfo)
  readonly unread = computed(() => this.server()?.unreadNotificationCount ?? 0)
  readonly packages = computed(() => this.#document()?.packageData ?? {})
  readonly services: Signal<Service[]> = computed(() =>
    Object.entries(this.packages())
      .map(([id, entry]) => ({ id, entry }))
      .sort((a, b) => titleOf(a.entry).localeCompare(titleOf(b.entry))),
  )

  /** One service; undefined while it is not there. */
  service(id: Signal<string>): Signal<PackageDataEntry | undefined> {
    return computed(() => this.packages()[id()])
  }
}

/** The manifest that counts in any state (db-model.md §5.1); undefined in an entry of an unknown shape. */
export function manifestOf({ stateInfo }: PackageDataEntry) {
  return 'manifest' in stateInfo ? stateInfo.manifest : stateInfo.installingInfo?.newManifest
}

export function titleOf(entry: PackageDataEntry): string {
  return manifestOf(entry)?.title ?? '…'
}
