import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { PackageDataEntry } from '@startd/base/model.ts'
import { pruneDownloads } from '../s9pk/index.ts'
import type { Installer } from './install/installer.ts'
import { dropSnapshot } from './install/snapshot.ts'
import type { Lifecycle } from './lifecycle.ts'
import { entryOf } from './model.ts'
import type { Launch } from './record.ts'
import type { Removal } from './removal.ts'
import type { ServiceTable } from './service-table.ts'

/** Services that are brought up at the same time. */
const LANES = 4

export interface BootParts {
  readonly lifecycle: Lifecycle
  readonly installer: Installer
  readonly removal: Removal
  readonly table: ServiceTable
  /** Aborts when the daemon ends before all are up. */
  readonly closing: AbortSignal
}

/** Brings every package of the database back to what it was doing (service-runtime.md §7.4). */
export class Boot {
  readonly #parts: BootParts
  #ids: readonly string[] = []
  #archives: readonly string[] = []
  #launches: ReadonlyMap<string, Launch> = new Map()

  constructor(parts: BootParts) {
    this.#parts = parts
  }

  /** Clears away what belongs to nobody. To be done before anything new begins. */
  async prepare(): Promise<void> {
    const { paths, records, db } = this.#parts.lifecycle.deps
    for (const directory of [paths.installed, paths.downloading, paths.records]) {
      await mkdir(directory, { recursive: true })
    }
    for (const name of await readdir(paths.downloading)) {
      await rm(join(paths.downloading, name), { recursive: true, force: true })
    }
    this.#archives = await readdir(paths.installed)
    this.#ids = Object.keys(db.peek().public.packageData)
    for (const id of this.#ids) {
      if (isUnfinished(entryOf(db.peek(), id))) this.#parts.installer.expect(id)
    }
    await pruneDownloads(paths.archive)
    await records.prune(new Set(this.#ids))
    this.#launches = await this.#knownLaunches()
    await this.#removeStrayContainers()
  }

  /** Takes over, loads, finishes or undoes each package; the error of one stops none of the others. */
  async bringUp(): Promise<void> {
    // Locked all at once: what is asked of a service that is not up yet waits until it is.
    const locks = new Map(this.#installed().map((id) => [id, this.#parts.table.lock(id)]))
    const rest = this.#ids.values()
    const lane = async () => {
      for (const id of rest) {
        using held = await locks.get(id)
        await (held ? this.#load(id) : this.#finish(id))
      }
    }
    await Promise.all(Array.from({ length: LANES }, lane))
    if (!this.#parts.closing.aborted) await this.#pruneArchives()
  }

  #installed(): string[] {
    const { packageData } = this.#parts.lifecycle.deps.db.peek().public
    return this.#ids.filter((id) => packageData[id]?.stateInfo.state === 'installed')
  }

  /** With its lock held; also when it is to be removed by now, for which it must be up. */
  async #load(id: string): Promise<void> {
    const { lifecycle, closing } = this.#parts
    const { paths, log } = lifecycle.deps
    if (closing.aborted) return
    try {
      await dropSnapshot(paths, id)
      await lifecycle.load(id, this.#launches.get(id) ?? null)
    } catch (error) {
      log(`${id}: could not be loaded: ${String(error)}`)
    }
  }

  /** Ends what a dead daemon had begun. */
  async #finish(id: string): Promise<void> {
    const { lifecycle, installer, removal, closing } = this.#parts
    if (closing.aborted) return
    const { db, log } = lifecycle.deps
    try {
      if (entryOf(db.peek(), id).stateInfo.state === 'removing') await removal.finish(id)
      else await installer.resume(id)
    } catch (error) {
      log(`${id}: could not be brought up: ${String(error)}`)
    }
  }

  /** Only an installed package goes on in its old container; what was under way begins afresh. */
  async #knownLaunches(): Promise<Map<string, Launch>> {
    const { db, records } = this.#parts.lifecycle.deps
    const launches = new Map<string, Launch>()
    for (const id of this.#ids) {
      const { launch } = await records.read(id)
      if (!launch) continue
      if (entryOf(db.peek(), id).stateInfo.state === 'installed') launches.set(id, launch)
      else await records.change(id, { launch: null })
    }
    return launches
  }

  async #removeStrayContainers(): Promise<void> {
    const { containers, log } = this.#parts.lifecycle.deps
    const known = new Set(this.#launches.values().map(({ guid }): string => guid))
    for (const guid of await containers.list()) {
      if (known.has(guid)) continue
      try {
        await containers.remove(guid)
      } catch (error) {
        log(`container ${guid} of an earlier run could not be removed: ${String(error)}`)
      }
    }
  }

  /** Of the archives that lay there at the start: those of installs that came since are none of this. */
  async #pruneArchives(): Promise<void> {
    const { db, paths } = this.#parts.lifecycle.deps
    const used = new Set(
      Object.values(db.peek().public.packageData).flatMap(({ s9pk, stateInfo }) =>
        stateInfo.state === 'updating' ? [s9pk, stateInfo.s9pk] : [s9pk],
      ),
    )
    for (const name of this.#archives) {
      const path = join(paths.installed, name)
      if (!used.has(path)) await rm(path, { force: true })
    }
  }
}

/** Whether an install or update of it had begun; `resume` ends it. */
const isUnfinished = ({ stateInfo: { state } }: PackageDataEntry): boolean =>
  state !== 'installed' && state !== 'removing'
