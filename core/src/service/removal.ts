import { rm } from 'node:fs/promises'
import { CodedError } from '@startd/base/errors.ts'
import type { Database } from '@startd/base/model.ts'
import { releasePorts } from '../net/index.ts'
import { isFile } from './atomic-file.ts'
import type { UninstallOptions } from './contract.ts'
import type { Lifecycle } from './lifecycle.ts'
import { changeStatus, entryOf, findEntry, statusError } from './model.ts'
import { notify } from './notifications.ts'
import { forgetSigner } from './install/signer.ts'
import { forgetSource } from './install/source.ts'
import { dropSnapshot } from './install/snapshot.ts'
import type { ServiceDeps } from './service.ts'
import type { ServiceTable } from './service-table.ts'

/** How long a service that is to be removed may take to come up first, in ms. */
const LOAD_PATIENCE = 60_000

export interface RemovalOptions {
  lifecycle: Lifecycle
  table: ServiceTable
  /** Aborts when the daemon ends: what is under way then goes on with the next one. */
  closing: AbortSignal
}

/** Uninstalls services, also those whose removal a dead daemon had begun. */
export class Removal {
  readonly #lifecycle: Lifecycle
  readonly #table: ServiceTable
  readonly #closing: AbortSignal

  constructor({ lifecycle, table, closing }: RemovalOptions) {
    this.#lifecycle = lifecycle
    this.#table = table
    this.#closing = closing
  }

  /** Marks the service as being removed; `finish` is then to be called. */
  async begin(id: string, options: UninstallOptions): Promise<void> {
    const { db, records } = this.#lifecycle.deps
    assertInstalled(db.peek(), id)
    // Written first: a removal that a crash interrupts goes on as it was meant.
    await records.change(id, { removal: options })
    await db.mutate((model) => {
      const { manifest } = assertInstalled(model, id)
      entryOf(model, id).stateInfo = { state: 'removing', manifest }
    })
  }

  /** Removes a marked service; a failure puts it back and leaves a notification. */
  async finish(id: string): Promise<void> {
    const { deps } = this.#lifecycle
    this.#lifecycle.interrupt(id)
    const options = (await deps.records.read(id)).removal ?? { soft: false, force: false }
    await this.#table.locked(id, async () => {
      try {
        await this.#end(id, options.force)
        await forgetPackage(deps, id, { keepData: options.soft })
      } catch (error) {
        if (!this.#closing.aborted) await this.#putBack(id, error)
      }
    })
  }

  async #end(id: string, force: boolean): Promise<void> {
    const { deps } = this.#lifecycle
    const { s9pk } = entryOf(deps.db.peek(), id)
    if (!this.#table.find(id) && !force && (await isFile(s9pk))) await this.#bringUp(id)
    const service = this.#table.find(id)
    if (service) await this.#lifecycle.unload(service, { target: null, force })
  }

  /** A package says good-bye in its own container: one that is not loaded gets a chance to. */
  async #bringUp(id: string): Promise<void> {
    const late = setTimeout(() => {
      this.#lifecycle.interrupt(id)
    }, LOAD_PATIENCE)
    try {
      await this.#lifecycle.load(id)
    } catch (cause) {
      throw new CodedError(
        'Uninitialized',
        `service ${id} failed to initialize - cannot remove gracefully; repeat with force to remove it anyway`,
        { cause },
      )
    } finally {
      clearTimeout(late)
    }
  }

  async #putBack(id: string, error: unknown): Promise<void> {
    const { db, log, now, records } = this.#lifecycle.deps
    log(`${id}: could not be uninstalled: ${String(error)}`)
    await records.change(id, { removal: null })
    await db.mutate((model) => {
      const entry = findEntry(model, id)
      if (entry?.stateInfo.state !== 'removing') return
      entry.stateInfo = { state: 'installed', manifest: entry.stateInfo.manifest }
      notify(model, {
        packageId: id,
        level: 'error',
        title: 'Uninstall Failed',
        message: statusError(error).details,
        now: now(),
      })
    })
    // A service whose clean-up failed half way needs a fresh start.
    const service = this.#table.find(id)
    if (service) await this.#lifecycle.unload(service)
    try {
      await this.#lifecycle.load(id)
    } catch (cause) {
      log(`${id}: could not be loaded again: ${String(cause)}`)
    }
    await changeStatus(db, id, (info) => {
      info.error = statusError(error)
    })
  }
}

type ForgetDeps = Pick<ServiceDeps, 'db' | 'paths' | 'containers' | 'records'>

/** Removes all that the server keeps of a package whose container is gone; files first, the entry last. */
export async function forgetPackage(
  { db, paths, containers, records }: ForgetDeps,
  id: string,
  { keepData, change }: { keepData: boolean; change?: (model: Database) => void },
): Promise<void> {
  const entry = findEntry(db.peek(), id)
  if (entry) await rm(entry.s9pk, { force: true })
  await dropSnapshot(paths, id)
  if (!keepData) {
    await rm(paths.volumes(id), { recursive: true, force: true })
    await rm(paths.logs(id), { recursive: true, force: true })
    await containers.releaseAddress(id)
  }
  await db.mutate((model) => {
    releasePorts(model, id)
    removePluginUrls(model, id)
    delete model.public.packageData[id]
    delete model.private.packageStores[id]
    delete model.private.packageChecks?.[id]
    forgetSource(model, id)
    if (!keepData) forgetSigner(model, id)
    change?.(model)
  })
  await records.remove(id)
}

/** Addresses that the package gave to others end with it. */
function removePluginUrls(model: Database, id: string): void {
  const hosts = [
    model.public.serverInfo.network.host,
    ...Object.values(model.public.packageData).flatMap((entry) => Object.values(entry.hosts)),
  ]
  for (const { addresses } of hosts.flatMap((host) => Object.values(host.bindings))) {
    const kept = addresses.available.filter(
      ({ metadata }) => metadata.kind !== 'plugin' || metadata.packageId !== id,
    )
    if (kept.length < addresses.available.length) addresses.available = kept
  }
}

function assertInstalled(model: Database, id: string) {
  const state = findEntry(model, id)?.stateInfo
  if (state?.state !== 'installed') throw new CodedError('NotFound', `Package ${id} is not installed.`)
  return state
}
