import { setTimeout as delay } from 'node:timers/promises'
import { CodedError } from '@startd/base/errors.ts'
import { formatPointer } from '@startd/patch-db'
import type { ContainerExit } from '../container/index.ts'
import { retryPause } from './actor.ts'
import { packagePath } from './callbacks.ts'
import { changeStatus, entryOf, findEntry, statusError } from './model.ts'
import type { Launch } from './record.ts'
import { describeExit, Service, type ServiceDeps } from './service.ts'
import type { ServiceTable } from './service-table.ts'
import * as status from './status.ts'

/** A container that lived this long, in ms, is no part of a row of failures. */
const STABLE = 10 * 60_000

export interface LifecycleOptions {
  deps: Omit<ServiceDeps, 'onDeath' | 'onRebuild'>
  table: ServiceTable
  /** Aborts when the daemon lets go of its services. */
  closing: AbortSignal
}

/** Loads installed services, takes over what still runs, and replaces containers that died or hang. */
export class Lifecycle {
  readonly deps: ServiceDeps
  readonly #table: ServiceTable
  readonly #closing: AbortSignal
  readonly #replacements = new Map<string, { count: number; last: number }>()
  readonly #background = new Set<Promise<void>>()
  readonly #loading = new Map<string, AbortController>()

  constructor({ deps, table, closing }: LifecycleOptions) {
    this.#table = table
    this.#closing = closing
    this.deps = {
      ...deps,
      onDeath: (service, exit) => {
        this.#died(service, exit)
      },
      onRebuild: (id, reason) => {
        this.#replaceSoon(id, reason)
      },
    }
  }

  /**
   * Brings an installed package up: from its running container if a launch is known, else in a fresh
   * one. A failure is left in its status and passed on.
   */
  async load(id: string, launch: Launch | null = null): Promise<void> {
    try {
      const service = (launch && (await this.#adopt(id, launch))) ?? (await this.#start(id))
      this.#table.add(service)
      service.run()
    } catch (error) {
      if (!this.#closing.aborted) {
        await changeStatus(this.deps.db, id, (info) => {
          status.initialized(info)
          info.error = statusError(error)
        })
      }
      throw error
    }
  }

  /** Ends a loaded service for good; the package's own clean-up first, unless it is known to hang. */
  async unload(service: Service, exit?: { target: string | null; force: boolean }): Promise<void> {
    if (exit) {
      try {
        await service.exit(exit.target, this.#closing)
      } catch (error) {
        if (!exit.force || this.#closing.aborted) throw error
        this.deps.log(`${service.id}: its clean-up failed: ${String(error)}`)
      }
    }
    this.#table.take(service)
    await service.destroy()
  }

  /** Gives up a load that hangs in the package's init: something else is wanted of the package now. */
  interrupt(id: string): void {
    this.#loading.get(id)?.abort(new CodedError('Cancelled', `loading “${id}” was given up`))
  }

  /** A fresh container for an installed package. */
  async rebuild(id: string): Promise<void> {
    this.interrupt(id)
    await this.#table.locked(id, async () => {
      const { stateInfo } = entryOf(this.deps.db.peek(), id)
      if (stateInfo.state !== 'installed') {
        throw new CodedError('InvalidRequest', `“${id}” cannot be rebuilt while it is ${stateInfo.state}`)
      }
      const service = this.#table.find(id)
      if (service) await this.unload(service, { target: stateInfo.manifest.version, force: true })
      await this.load(id)
    })
  }

  /** Fulfils when nothing that was begun in the background is still running. */
  async idle(): Promise<void> {
    await Promise.all(this.#background)
  }

  async #start(id: string): Promise<Service> {
    const { db } = this.deps
    const given = new AbortController()
    this.#loading.set(id, given)
    try {
      const service = await Service.start(this.deps, {
        id,
        file: entryOf(db.peek(), id).s9pk,
        kind: null,
        signal: AbortSignal.any([this.#closing, given.signal]),
      })
      await changeStatus(db, id, (info) => {
        info.error = null
      })
      return service
    } finally {
      this.#loading.delete(id)
    }
  }

  async #adopt(id: string, launch: Launch): Promise<Service | null> {
    const { containers, db, log, records } = this.deps
    const container = await containers.adopt(launch.guid)
    if (!container) return null
    try {
      if (container.running && launch.s9pk === entryOf(db.peek(), id).s9pk) {
        return await Service.adopt(this.deps, id, launch, container)
      }
    } catch (error) {
      log(`${id}: its container could not be taken over: ${String(error)}`)
    }
    await records.change(id, { launch: null })
    await container.destroy()
    return null
  }

  #died(service: Service, exit: ContainerExit): void {
    const { id } = service
    this.#inBackground(async () => {
      const pause = await this.#table.locked(id, async () => {
        if (!this.#table.take(service)) return null
        await service.rest()
        const wait = this.#nextPause(id)
        await changeStatus(this.deps.db, id, (info) => {
          status.stopped(info)
          info.error = statusError(
            new CodedError(
              'Lxc',
              `the service’s container ended unexpectedly (${describeExit(exit)}); ` +
                `it is started again in ${Math.ceil(wait / 1000)} s`,
            ),
          )
        })
        await service.destroy()
        return wait
      })
      if (pause !== null) await this.#loadAfter(id, pause)
    })
  }

  #replaceSoon(id: string, reason: string): void {
    this.#inBackground(async () => {
      const pause = await this.#table.locked(id, async () => {
        const service = this.#table.find(id)
        if (!service) return null
        this.deps.log(`${id}: its container is replaced: ${reason}`)
        await this.unload(service)
        return this.#nextPause(id)
      })
      if (pause !== null) await this.#loadAfter(id, pause)
    })
  }

  /**
   * Loads a package that lost its container, ever later again while that fails. One that is stopped
   * meanwhile is tried again when it is wanted.
   */
  async #loadAfter(id: string, pause: number): Promise<void> {
    const { db, log } = this.deps
    let failed = false
    for (let wait: number | null = pause; wait !== null; failed = true) {
      const row = this.#replacements.get(id)
      await delay(wait, undefined, { signal: this.#closing })
      if (failed) await this.#untilWanted(id)
      wait = await this.#table.locked(id, async () => {
        const state = findEntry(db.peek(), id)?.stateInfo.state
        const isNewest = this.#replacements.get(id) === row
        if (state !== 'installed' || this.#table.isReady(id) || !isNewest) return null
        try {
          await this.load(id)
          return null
        } catch (error) {
          this.#closing.throwIfAborted()
          const next = this.#nextPause(id, true)
          log(`${id}: could not be loaded, next attempt in ${Math.ceil(next / 1000)} s: ${String(error)}`)
          return next
        }
      })
    }
  }

  /** Fulfils when the package is to run, or is no longer there as an installed one. */
  async #untilWanted(id: string): Promise<void> {
    using watcher = this.deps.db.watch(formatPointer(packagePath(id)))
    for (;;) {
      watcher.peekAndMarkSeen()
      const entry = findEntry(this.deps.db.peek(), id)
      if (entry?.stateInfo.state !== 'installed' || entry.statusInfo.desired.main !== 'stopped') return
      await watcher.changed(this.#closing)
    }
  }

  /** The first replacement comes at once; more of them in a row come ever later. */
  #nextPause(id: string, again = false): number {
    const before = this.#replacements.get(id)
    const now = Date.now()
    const count = before && (again || now - before.last < STABLE) ? before.count + 1 : 0
    this.#replacements.set(id, { count, last: now })
    return count === 0 ? 0 : retryPause(count)
  }

  #inBackground(work: () => Promise<void>): void {
    const running = work()
      .catch((error: unknown) => {
        if (!this.#closing.aborted) this.deps.log(`a service could not be brought up: ${String(error)}`)
      })
      .finally(() => this.#background.delete(running))
    this.#background.add(running)
  }
}
