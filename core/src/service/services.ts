import { machine } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { newGuid } from '@startd/base/base32.ts'
import { CodedError } from '@startd/base/errors.ts'
import type { PackageCheck } from '@startd/base/model.ts'
import type { ActionInput, ActionResultV1 } from '@startd/base/service-schemas.ts'
import type { ContainerDriver } from '../container/index.ts'
import { ServiceNet } from '../net/index.ts'
import { liftResult } from './actions.ts'
import { Boot } from './boot.ts'
import type {
  DownloadOptions,
  InstallOptions,
  LogPage,
  LogQuery,
  LogStream,
  ServiceControl,
  ServiceStats,
  UninstallOptions,
} from './contract.ts'
import { Installer } from './install/installer.ts'
import { sourceOf } from './install/source.ts'
import { signerOf } from './install/signer.ts'
import { Lifecycle } from './lifecycle.ts'
import { followLogs, readLogs } from './logs/reader.ts'
import { changeEntry, entryOf, own, type Db } from './model.ts'
import { servicePaths, type ServicePaths } from './paths.ts'
import { Records } from './record.ts'
import { Removal } from './removal.ts'
import { ArchiveScrub } from './scrub.ts'
import { ServiceTable } from './service-table.ts'
import * as status from './status.ts'
import { hasCriticalTask, isCritical } from './tasks/update.ts'

/** How long the start of the daemon waits for its services, in ms; slower ones follow in the background. */
const BOOT_PATIENCE = 10_000
const MIB = 1024 * 1024

export interface ServicesOptions {
  db: Db
  /** Opened already. */
  containers: ContainerDriver
  dataDir: string
  /** Where the server itself listens: services are offered on the same address. */
  listenAddress: string
  /** Build of this server, as packages may ask for it. */
  version: string
  log: (line: string) => void
  now?: () => Date
  /** Architecture as Linux names it; that of this machine when left out. */
  arch?: string
}

/** All installed services of this server; see `ServiceControl` for what each method promises. */
export class Services implements ServiceControl {
  readonly #db: Db
  readonly #paths: ServicePaths
  readonly #net: ServiceNet
  /** Known on after the containers are gone: callers are told apart to the end. */
  readonly #hostAddress: string
  readonly #log: (line: string) => void
  readonly #closing = new AbortController()
  readonly #table = new ServiceTable()
  readonly #lifecycle: Lifecycle
  readonly #installer: Installer
  readonly #removal: Removal
  readonly #scrub: ArchiveScrub
  /** Work that nobody waits for, until it ends or the daemon does. */
  readonly #background = new Set<Promise<void>>()

  constructor(options: ServicesOptions) {
    const { db, containers, dataDir, listenAddress, version, log } = options
    this.#db = db
    this.#log = log
    this.#paths = servicePaths(dataDir)
    this.#hostAddress = containers.hostAddress
    this.#net = new ServiceNet({ db, place: { listenAddress, bridgeAddress: containers.hostAddress }, log })
    this.#lifecycle = new Lifecycle({
      deps: {
        db,
        containers,
        paths: this.#paths,
        records: new Records(this.#paths),
        net: this.#net,
        packages: this.#table,
        arch: options.arch ?? machine(),
        version,
        now: options.now ?? (() => new Date()),
        log,
      },
      table: this.#table,
      closing: this.#closing.signal,
    })
    this.#installer = new Installer({
      lifecycle: this.#lifecycle,
      table: this.#table,
      closing: this.#closing.signal,
    })
    this.#scrub = new ArchiveScrub({
      db,
      now: options.now ?? (() => new Date()),
      log,
      closing: this.#closing.signal,
    })
    this.#removal = new Removal({
      lifecycle: this.#lifecycle,
      table: this.#table,
      closing: this.#closing.signal,
    })
  }

  async load(): Promise<void> {
    const boot = new Boot({
      lifecycle: this.#lifecycle,
      installer: this.#installer,
      removal: this.#removal,
      table: this.#table,
      closing: this.#closing.signal,
    })
    await boot.prepare()
    const all = this.#inBackground(boot.bringUp())
    void this.#inBackground(this.#scrub.run())
    const waited = new AbortController()
    const enough = delay(BOOT_PATIENCE, undefined, { signal: waited.signal }).catch(() => undefined)
    await Promise.race([all, enough])
    waited.abort()
  }

  install(stream: AsyncIterable<Uint8Array>, options: InstallOptions): Promise<{ id: string }> {
    return this.#installer.install(stream, options)
  }

  download(urls: readonly string[], options: DownloadOptions): Promise<{ id: string }> {
    return this.#installer.download(urls, options)
  }

  async start(id: string, force: boolean): Promise<void> {
    await changeEntry(this.#db, id, (entry) => {
      if (!force && hasCriticalTask(entry)) {
        throw new CodedError(
          'InvalidRequest',
          `Service ${id} has an unresolved critical task; use --force to start`,
        )
      }
      status.start(entry.statusInfo)
    })
  }

  async stop(id: string): Promise<void> {
    await changeEntry(this.#db, id, ({ statusInfo }) => {
      status.stop(statusInfo)
    })
  }

  async restart(id: string): Promise<void> {
    await changeEntry(this.#db, id, ({ statusInfo }) => {
      status.restart(statusInfo)
    })
  }

  rebuild(id: string): Promise<void> {
    return this.#lifecycle.rebuild(id)
  }

  async refetch(id: string, options: Omit<DownloadOptions, 'commitment'>): Promise<void> {
    const { urls, commitment } = sourceOf(this.#db.peek(), id)
    await this.#installer.download(urls, { ...options, commitment })
  }

  signer(id: string): string | null {
    return signerOf(this.#db.peek(), id)
  }

  checkArchive(id: string): Promise<PackageCheck> {
    return this.#scrub.check(id)
  }

  async uninstall(id: string, options: UninstallOptions): Promise<void> {
    await this.#removal.begin(id, options)
    void this.#inBackground(this.#removal.finish(id))
  }

  cancelInstall(id: string): Promise<void> {
    this.#installer.cancel(id)
    return Promise.resolve()
  }

  async getActionInput(
    id: string,
    actionId: string,
    prefill: Record<string, unknown> | null,
  ): Promise<ActionInput | null> {
    entryOf(this.#db.peek(), id)
    return await this.#table.get(id).actions.getInput(actionId, prefill, newGuid())
  }

  async runAction(
    id: string,
    actionId: string,
    eventId: string | null,
    input: unknown,
  ): Promise<ActionResultV1 | null> {
    entryOf(this.#db.peek(), id)
    const { actions } = this.#table.get(id)
    const event = eventId ?? newGuid()
    // The package checks input against the form of the same event: without one, it is opened here.
    if (eventId === null) await actions.getInput(actionId, null, event)
    return liftResult(await actions.run(actionId, input ?? null, event))
  }

  async clearTask(id: string, replayId: string, force: boolean): Promise<void> {
    await changeEntry(this.#db, id, (entry) => {
      const task = own(entry.tasks, replayId)
      if (!task) return
      if (!force && isCritical(task)) {
        throw new CodedError('InvalidRequest', 'this task is critical; clear it only with force')
      }
      delete entry.tasks[replayId]
    })
  }

  async logs(id: string, query: LogQuery): Promise<LogPage> {
    entryOf(this.#db.peek(), id)
    return await readLogs(this.#paths.logs(id), query)
  }

  async followLogs(id: string, query: LogQuery, signal: AbortSignal): Promise<LogStream> {
    entryOf(this.#db.peek(), id)
    const ends = AbortSignal.any([signal, this.#closing.signal])
    return await followLogs(this.#paths.logs(id), query, ends)
  }

  async stats(): Promise<Record<string, ServiceStats | null>> {
    const ids = Object.keys(this.#db.peek().public.packageData)
    return Object.fromEntries(
      await Promise.all(ids.map(async (id) => [id, await this.#statsOf(id)] as const)),
    )
  }

  isService(address: string): boolean {
    const plain = address.replace(/^::ffff:/, '')
    // All of them live in one /24, in which only the server's own address is none of theirs.
    return networkOf(plain) === networkOf(this.#hostAddress) && plain !== this.#hostAddress
  }

  async halt(): Promise<void> {
    const running = this.#table.all().filter(({ container }) => container.running)
    const halts = await Promise.allSettled(running.map((service) => service.halt()))
    for (const halt of halts) {
      if (halt.status === 'rejected') this.#log(`a service did not end in good order: ${String(halt.reason)}`)
    }
  }

  async close(): Promise<void> {
    this.#closing.abort(new CodedError('Cancelled', 'the server is stopping'))
    await Promise.allSettled(this.#background)
    await this.#installer.idle()
    await this.#lifecycle.idle()
    await Promise.all(this.#table.all().map((service) => service.detach()))
    await this.#net.close()
  }

  async #statsOf(id: string): Promise<ServiceStats | null> {
    const container = this.#table.find(id)?.container
    if (!container?.running) return null
    const stats = await container.stats()
    return {
      container_id: container.guid,
      memory_usage: Math.round(stats.memoryBytes / MIB),
      memory_limit: Math.round(stats.memoryLimitBytes / MIB),
      cpu_seconds: Math.round(stats.cpuMicroseconds / 1000) / 1000,
      processes: stats.processes,
      disk_read: Math.round(stats.readBytes / MIB),
      disk_written: Math.round(stats.writtenBytes / MIB),
    }
  }

  #inBackground(work: Promise<void>): Promise<void> {
    const running = work
      .catch((error: unknown) => {
        this.#log(`background work failed: ${String(error)}`)
      })
      .finally(() => this.#background.delete(running))
    this.#background.add(running)
    return running
  }
}

const networkOf = (address: string) => address.slice(0, address.lastIndexOf('.'))
