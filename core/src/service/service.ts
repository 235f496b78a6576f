import { join } from 'node:path'
import { newGuid } from '@startd/base/base32.ts'
import { CodedError } from '@startd/base/errors.ts'
import { Guid } from '@startd/base/ids.ts'
import type { Progress } from '@startd/base/progress.ts'
import type { InitKind } from '@startd/base/runtime-rpc.ts'
import type { ServiceNet } from '../net/index.ts'
import type { Container, ContainerDriver, ContainerExit } from '../container/index.ts'
import { openS9pkFile, type S9pkFile } from '../s9pk/index.ts'
import { ServiceActions } from './actions.ts'
import { Actor, type ActorTarget } from './actor.ts'
import { Callbacks } from './callbacks.ts'
import { Deadline } from './deadline.ts'
import { effectHandler, type PackageAccess } from './effects/index.ts'
import { EffectsServer } from './effects-server.ts'
import { changeStatus, type Db } from './model.ts'
import { createPackageContainer } from './package-container.ts'
import type { ServicePaths } from './paths.ts'
import type { Launch, Records } from './record.ts'
import { RuntimeClient } from './runtime-client.ts'
import * as status from './status.ts'
import { TaskRecheck } from './tasks/recheck.ts'

/** How long a package may show no sign of life while it initialises or cleans up, in ms. */
const INIT_PATIENCE = 30 * 60_000
const EXIT_PATIENCE = 5 * 60_000
/** How long the container's processes get to end, and effect calls under way to be answered. */
const STOP_PATIENCE = 30_000
const CALLS_PATIENCE = 10_000

export interface ServiceDeps {
  readonly db: Db
  readonly containers: ContainerDriver
  readonly paths: ServicePaths
  readonly records: Records
  readonly net: ServiceNet
  readonly packages: PackageAccess
  readonly arch: string
  readonly version: string
  readonly now: () => Date
  readonly log: (line: string) => void
  /** The container ended although nobody asked for it. */
  readonly onDeath: (service: Service, exit: ContainerExit) => void
  /** Only a fresh container helps, or is asked for by the package. */
  readonly onRebuild: (id: string, reason: string) => void
}

export interface StartOptions {
  id: string
  /** Archive to run. */
  file: string
  kind: InitKind
  signal?: AbortSignal
  onProgress?: (progress: Progress) => void
}

interface Parts {
  id: string
  file: S9pkFile
  container: Container
  onProgress?: ((progress: Progress) => void) | undefined
}

/**
 * One loaded service: its container, the talk with the runtime in it, and the actor that brings it
 * to the wanted state. It lives as long as the container; a fresh container is a new `Service`.
 */
export class Service implements ActorTarget {
  readonly id: string
  readonly container: Container
  readonly actions: ServiceActions
  readonly #deps: ServiceDeps
  readonly #file: S9pkFile
  readonly #client: RuntimeClient
  readonly #server: EffectsServer
  readonly #callbacks: Callbacks
  readonly #recheck: TaskRecheck
  readonly #actor: Actor
  #initDeadline: Deadline | null = null
  #onProgress: ((progress: Progress) => void) | null
  #leaving = false

  private constructor(deps: ServiceDeps, { id, file, container, onProgress }: Parts) {
    const { db, net, paths, packages, now, version } = deps
    const log = (line: string) => {
      deps.log(`${id}: ${line}`)
    }
    this.#deps = deps
    this.id = id
    this.container = container
    this.#file = file
    this.#onProgress = onProgress ?? null
    this.#client = new RuntimeClient(join(container.rpcDir, 'service.sock'))
    this.actions = new ServiceActions({ id, db, client: this.#client })
    this.#recheck = new TaskRecheck({ id, db, actions: this.actions, log })
    this.#callbacks = new Callbacks({
      db,
      notify: (callback, args) => this.#client.notify(callback, args),
    })
    const answer = effectHandler({
      id,
      db,
      paths,
      container,
      s9pk: file.s9pk,
      images: new Set(Object.keys(file.s9pk.images(deps.arch))),
      callbacks: this.#callbacks,
      packages: this.#access(packages),
      hostAddress: deps.containers.hostAddress,
      bindings: net,
      version,
      now,
      rebuild: () => {
        deps.onRebuild(id, 'the service asked for it')
      },
      setInitProgress: (progress) => this.#onProgress?.(progress),
      recheck: (actionId) => {
        this.#recheck.request(actionId)
      },
    })
    this.#server = new EffectsServer((method, params) => {
      this.#initDeadline?.touch()
      this.#actor.touch()
      return answer(method, params)
    })
    this.#actor = new Actor({ db, target: this, now, log })
    void container.exited.then((exit) => {
      if (!this.#leaving) deps.onDeath(this, exit)
    })
  }

  /** Makes a fresh container and initialises the package in it; on failure nothing of it is left. */
  static async start(deps: ServiceDeps, options: StartOptions): Promise<Service> {
    const { id, kind, signal, onProgress } = options
    const { db, net, containers, paths, arch } = deps
    await using undo = new AsyncDisposableStack()
    signal?.throwIfAborted()
    const file = undo.use(await openS9pkFile(options.file))
    if (file.s9pk.manifest.id !== id) {
      throw new CodedError('ValidateS9pk', `the archive holds “${file.s9pk.manifest.id}” and not “${id}”`)
    }
    await changeStatus(db, id, status.initialized)
    await net.clear(id, [])
    const language = db.peek().public.serverInfo.language ?? 'en_US'
    const container = await createPackageContainer({
      containers,
      paths,
      s9pk: file.s9pk,
      file: options.file,
      arch,
      lang: `${language}.UTF-8`,
    })
    undo.defer(() => container.destroy())
    const service = new Service(deps, { id, file, container, onProgress })
    undo.defer(() => service.#letGo())
    net.attach(id, container.address)
    await service.#server.listen(container)
    await service.#init(kind, signal)
    undo.move()
    return service
  }

  /** Takes over a running container whose package is initialised already; nothing of it restarts. */
  static async adopt(deps: ServiceDeps, id: string, launch: Launch, container: Container): Promise<Service> {
    await using undo = new AsyncDisposableStack()
    const file = undo.use(await openS9pkFile(launch.s9pk))
    const service = new Service(deps, { id, file, container })
    undo.defer(() => service.#letGo())
    await service.#server.listen(container)
    await container.waitForSocket('service.sock', CALLS_PATIENCE)
    deps.net.attach(id, container.address)
    undo.move()
    return service
  }

  /** Begins to follow what the database wants of this service. */
  run(): void {
    this.#actor.run()
    void this.#recheck.begin()
  }

  startMain(signal: AbortSignal): Promise<void> {
    return this.#whileAlive(this.#client.call('start', {}, { signal }))
  }

  stopMain(signal: AbortSignal): Promise<void> {
    return this.#whileAlive(this.#client.call('stop', {}, { signal }))
  }

  backup(): Promise<void> {
    return Promise.reject(new CodedError('Cancelled', 'no backup to resume'))
  }

  replaceContainer(reason: CodedError): void {
    this.#deps.onRebuild(this.id, reason.details)
  }

  /** Follows the database no longer. */
  async rest(): Promise<void> {
    await this.#actor.end()
  }

  /** Stops main and keeps the package loaded: its data can be copied then. */
  async halt(): Promise<void> {
    await this.#actor.end()
    using deadline = new Deadline('stopping the service', EXIT_PATIENCE)
    await this.stopMain(deadline.signal)
  }

  /** The package's own clean-up towards `target`: a version, a range, or null. No later daemon takes it over then. */
  async exit(target: string | null, signal: AbortSignal): Promise<void> {
    await this.#deps.records.change(this.id, { launch: null })
    await this.#actor.end()
    using deadline = new Deadline('the service’s own clean-up', EXIT_PATIENCE)
    this.#initDeadline = deadline
    this.#leaving = true
    try {
      const ends = AbortSignal.any([deadline.signal, signal])
      await this.#client.call('exit', { id: newGuid(), target }, { signal: ends })
    } finally {
      this.#initDeadline = null
    }
  }

  /** Removes the container and all that hangs on it; volumes and logs stay. */
  async destroy(): Promise<void> {
    this.#leaving = true
    await this.#deps.records.change(this.id, { launch: null })
    await this.#actor.end()
    await this.#server.close(CALLS_PATIENCE)
    await this.#letGo()
    if (this.container.running) await this.container.stop(STOP_PATIENCE)
    await this.container.destroy()
    await this.#file.close()
  }

  /** Lets go of the container, which runs on for the next daemon. */
  async detach(): Promise<void> {
    this.#leaving = true
    await this.#actor.end()
    await this.#letGo()
    this.#server.hangUp()
    await this.#file.close()
  }

  /** Calls to the package itself pass also while it initialises. */
  #access(packages: PackageAccess): PackageAccess {
    return {
      isReady: (id) => packages.isReady(id),
      actionInput: (id, actionId, prefill, eventId) =>
        id === this.id
          ? this.actions.getInput(actionId, prefill, eventId)
          : packages.actionInput(id, actionId, prefill, eventId),
      runAction: (id, actionId, input, eventId) =>
        id === this.id
          ? this.actions.run(actionId, input, eventId)
          : packages.runAction(id, actionId, input, eventId),
      address: (id) => packages.address(id),
      onContainer: (id, listener) => packages.onContainer(id, listener),
    }
  }

  async #letGo(): Promise<void> {
    this.#leaving = true
    this.#callbacks.close()
    this.#client.close()
    this.#server.hangUp()
    await this.#deps.net.detach(this.id)
  }

  async #init(kind: InitKind, signal?: AbortSignal): Promise<void> {
    using deadline = new Deadline('setting up the service', INIT_PATIENCE)
    this.#initDeadline = deadline
    const ends = AbortSignal.any(signal ? [deadline.signal, signal] : [deadline.signal])
    try {
      await this.#whileAlive(this.#client.call('init', { id: newGuid(), kind }, { signal: ends }))
    } finally {
      this.#initDeadline = null
      this.#onProgress = null
    }
    const launch = { guid: Guid.parse(this.container.guid), s9pk: this.#file.path }
    await this.#deps.records.change(this.id, { launch })
  }

  /** Fails with the container's end where that is why a call is not answered. */
  async #whileAlive(call: Promise<unknown>): Promise<void> {
    const ended = this.container.exited.then((exit) => {
      throw new CodedError('Lxc', `the service’s container ended (${describeExit(exit)})`)
    })
    await Promise.race([call, ended])
  }
}

export function describeExit({ code, signal }: ContainerExit): string {
  if (signal !== null) return `killed by ${signal}`
  return code === null ? 'cause unknown' : `exit code ${code}`
}
