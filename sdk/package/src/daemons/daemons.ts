import type { Effects } from '../effects.ts'
import type { SDKManifest } from '../manifest/types.ts'
import type { SubContainer } from '../subcontainer/subcontainer.ts'
import { reportUnlessAborted } from '../watchable.ts'
import { Daemon } from './daemon.ts'
import { Entry } from './entry.ts'
import type { DaemonOptions, HealthCheckOptions, OneshotOptions } from './options.ts'

/** An id that is not empty and not taken yet. */
export type NewId<Id extends string, Ids extends string> = '' extends Id ? never : Id extends Ids ? never : Id
type Given<T> = T | (() => T | null)
type Later<T> = () => Promise<T | null>

type Declaration =
  | { kind: 'daemon'; id: string; options: DaemonOptions<string> }
  | { kind: 'oneshot'; id: string; options: OneshotOptions<string> }
  | { kind: 'check'; id: string; options: HealthCheckOptions<string> }

/** What `main` answers: the host builds it, and ends it when the service stops. */
export interface DaemonsBuilder {
  build(): Promise<{ term(): Promise<void> }>
}

/**
 * The processes of a service and what each requires (sdk.md §10). Nothing runs before `build`; every
 * `add…` gives a new chain.
 */
export class Daemons<
  M extends SDKManifest = SDKManifest,
  Ids extends string = never,
> implements DaemonsBuilder {
  declare readonly _MANIFEST: M
  readonly effects: Effects
  readonly declarations: readonly Declaration[]
  entries: Entry[] | null = null
  built: Promise<this> | null = null
  termination: Promise<void> | null = null
  detached = false

  constructor(effects: Effects, declarations: readonly Declaration[] = []) {
    this.effects = effects
    this.declarations = declarations
  }

  static of<M extends SDKManifest>(effects: Effects): Daemons<M> {
    return new Daemons<M>(effects)
  }

  /** A process that runs as long as the service. */
  addDaemon<Id extends string, S extends SubContainer | null>(
    id: NewId<Id, Ids>,
    options: Given<DaemonOptions<Ids, S>>,
  ): Daemons<M, Ids | Id>
  addDaemon<Id extends string, S extends SubContainer | null>(
    id: NewId<Id, Ids>,
    options: Later<DaemonOptions<Ids, S>>,
  ): Promise<Daemons<M, Ids | Id>>
  addDaemon(id: string, options: Given<DaemonOptions<Ids>> | Later<DaemonOptions<Ids>>) {
    return this.add(options, (given) => ({ kind: 'daemon', id, options: given as DaemonOptions<string> }))
  }

  /** A command that has to succeed once before what requires it starts. */
  addOneshot<Id extends string, S extends SubContainer | null>(
    id: NewId<Id, Ids>,
    options: Given<OneshotOptions<Ids, S>>,
  ): Daemons<M, Ids | Id>
  addOneshot<Id extends string, S extends SubContainer | null>(
    id: NewId<Id, Ids>,
    options: Later<OneshotOptions<Ids, S>>,
  ): Promise<Daemons<M, Ids | Id>>
  addOneshot(id: string, options: Given<OneshotOptions<Ids>> | Later<OneshotOptions<Ids>>) {
    return this.add(options, (given) => ({ kind: 'oneshot', id, options: given as OneshotOptions<string> }))
  }

  /** A check without a process of its own. */
  addHealthCheck<Id extends string>(
    id: NewId<Id, Ids>,
    options: Given<HealthCheckOptions<Ids>>,
  ): Daemons<M, Ids | Id>
  addHealthCheck<Id extends string>(
    id: NewId<Id, Ids>,
    options: Later<HealthCheckOptions<Ids>>,
  ): Promise<Daemons<M, Ids | Id>>
  addHealthCheck(id: string, options: Given<HealthCheckOptions<Ids>> | Later<HealthCheckOptions<Ids>>) {
    return this.add(options, (given) => ({ kind: 'check', id, options: given as HealthCheckOptions<string> }))
  }

  /** Starts what can start. Fulfils when every entry has said how it is, not when all are well. */
  build(): Promise<this> {
    this.built ??= this.start()
    return this.built
  }

  /** Ends everything, what others require last, and removes the subcontainers. */
  term(): Promise<void> {
    this.termination ??= this.end()
    return this.termination
  }

  /** Starts everything, waits until all of it is well, and ends it again. */
  async runUntilSuccess(timeout: number | null): Promise<null> {
    await this.build()
    try {
      await allReady(this.entries ?? [], timeout)
    } finally {
      await this.term()
    }
    return null
  }

  /** Leaving the context no longer ends it. */
  detach(): this {
    this.detached = true
    return this
  }

  add<T>(options: Given<T> | Later<T>, declare: (options: T) => Declaration) {
    const append = (given: T | null) =>
      given === null ? this : new Daemons<M, string>(this.effects, [...this.declarations, declare(given)])
    if (typeof options !== 'function') return append(options)
    const given = (options as () => T | null | Promise<T | null>)()
    return given instanceof Promise ? given.then(append) : append(given)
  }

  async start(): Promise<this> {
    const entries = connect(this.effects, this.declarations)
    this.entries = entries
    this.effects.onLeaveContext(() => {
      if (!this.detached) this.term().catch(reportUnlessAborted)
    })
    try {
      for (const entry of entries) await entry.updateStatus()
    } catch (error) {
      await this.term()
      throw error
    }
    return this
  }

  async end(): Promise<void> {
    const entries = this.entries ?? []
    const left = new Set(entries)
    while (left.size > 0) {
      const free = [...left].filter(({ dependents }) => !dependents.some((dependent) => left.has(dependent)))
      await Promise.all(free.map((entry) => entry.term()))
      for (const entry of free) left.delete(entry)
    }
    const subcontainers = new Set(entries.map(({ parts }) => parts.daemon?.subcontainer ?? null))
    for (const subcontainer of subcontainers) await subcontainer?.destroy()
  }
}

/** Entries of a chain. Throws on an id that is empty, taken or unknown. */
function connect(effects: Effects, declarations: readonly Declaration[]): Entry[] {
  const known = new Map<string, Entry>()
  for (const { kind, id, options } of declarations) {
    if (id === '') throw new Error('a daemon needs an id')
    if (known.has(id)) throw new Error(`the id ${id} is used twice`)
    const requires = options.requires.map((required) => {
      const entry = known.get(required)
      if (!entry) throw new Error(`${id} requires ${required}, which is not declared before it`)
      return entry
    })
    const daemon = kind === 'check' ? null : daemonOf(options, kind === 'oneshot')
    const ready = kind === 'oneshot' ? null : options.ready
    known.set(id, new Entry({ effects, id, daemon, ready, requires }))
  }
  return [...known.values()]
}

function daemonOf(options: DaemonOptions<string> | OneshotOptions<string>, oneshot: boolean): Daemon {
  if ('daemon' in options) return options.daemon
  return new Daemon(options.subcontainer, options.exec, oneshot)
}

function allReady(entries: readonly Entry[], timeout: number | null): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = () => {
      done()
      const waiting = entries.filter(({ isReady }) => !isReady).map(({ id }) => id)
      reject(new Error(`Timed out waiting for ${waiting.join(', ')}`))
    }
    const timer = timeout === null ? null : setTimeout(late, timeout)
    const done = () => {
      if (timer) clearTimeout(timer)
      for (const { watchers } of entries) watchers.delete(look)
    }
    const look = () => {
      if (!entries.every(({ isReady }) => isReady)) return
      done()
      resolve()
    }
    for (const { watchers } of entries) watchers.add(look)
    look()
  })
}
