import type { EffectParams } from '@startd/base/effects.ts'
import type { Database, Host } from '@startd/base/model.ts'
import type { PatchDb } from '@startd/patch-db'
import { deriveAddresses, listenAddresses, type NetPlace } from './addresses.ts'
import * as changes from './bindings.ts'
import { replacePort } from './ports.ts'
import { TcpForward, type ForwardTarget } from './tcp-forward.ts'

export interface ServiceNetOptions {
  db: PatchDb<Database>
  place: NetPlace
  log: (line: string) => void
}

type Hosts = Record<string, Host>
/** Forwards that there shall be, by `address port`. */
type Wanted = Map<string, { address: string; port: number; target: ForwardTarget }>

/**
 * The network of services: ports and interfaces in the database, and the forwards that follow them.
 * The database says what is wanted; the forwards of a package live from `attach` to `detach`.
 */
export class ServiceNet {
  readonly #options: ServiceNetOptions
  readonly #attached = new Map<string, Attachment>()

  constructor(options: ServiceNetOptions) {
    this.#options = options
  }

  /**
   * Opens what the package's bindings ask for, now and after each change, towards its container. Its addresses are
   * derived anew from where the server listens now.
   */
  attach(id: string, containerAddress: string): void {
    if (this.#attached.has(id)) throw new TypeError(`${id} is already attached`)
    this.#attached.set(id, new Attachment(this.#options, id, containerAddress))
  }

  /** Closes the package's forwards; what was agreed stays in the database. */
  async detach(id: string): Promise<void> {
    const attachment = this.#attached.get(id)
    this.#attached.delete(id)
    await attachment?.close()
  }

  async close(): Promise<void> {
    await Promise.all([...this.#attached.keys()].map((id) => this.detach(id)))
  }

  bind(id: string, params: EffectParams<'bind'>): Promise<void> {
    return this.#change(id, (hosts, model) => {
      changes.bind(hosts, model.private.availablePorts, params)
    })
  }

  clear(id: string, except: EffectParams<'clear-bindings'>['except']): Promise<void> {
    return this.#change(id, (hosts) => {
      changes.clearBindings(hosts, except)
    })
  }

  exportInterface(id: string, params: EffectParams<'export-service-interface'>): Promise<void> {
    return this.#change(id, (hosts) => {
      changes.exportInterface(hosts, params)
    })
  }

  clearInterfaces(id: string, except: readonly string[]): Promise<void> {
    return this.#change(id, (hosts) => {
      changes.clearInterfaces(hosts, except)
    })
  }

  #change(id: string, change: (hosts: Hosts, model: Database) => void): Promise<void> {
    return changeHosts(this.#options, id, change)
  }
}

/** Changes the hosts of a package, and then its addresses so that they fit. */
async function changeHosts(
  { db, place }: ServiceNetOptions,
  id: string,
  change: (hosts: Hosts, model: Database) => void,
): Promise<void> {
  await db.mutate((model) => {
    const hosts = model.public.packageData[id]?.hosts
    if (!hosts) return
    change(hosts, model)
    for (const host of Object.values(hosts)) deriveAddresses(host, place)
  })
}

/** Gives all ports of a package back, on a draft of the database. */
export function releasePorts(model: Database, id: string): void {
  const hosts = model.public.packageData[id]?.hosts
  if (hosts) changes.freePorts(hosts, model.private.availablePorts)
}

/** The forwards of one package. */
class Attachment {
  readonly #options: ServiceNetOptions
  readonly #id: string
  readonly #containerAddress: string
  readonly #forwards = new Map<string, TcpForward>()
  readonly #ended = new AbortController()
  readonly #finished: Promise<void>

  constructor(options: ServiceNetOptions, id: string, containerAddress: string) {
    this.#options = options
    this.#id = id
    this.#containerAddress = containerAddress
    this.#finished = this.#follow()
  }

  async close(): Promise<void> {
    this.#ended.abort()
    await this.#finished
    await Promise.all([...this.#forwards.values()].map((forward) => forward.close()))
  }

  async #follow(): Promise<void> {
    const { db, log } = this.#options
    const { signal } = this.#ended
    using watcher = db.watch(['public', 'packageData', this.#id, 'hosts'])
    try {
      // An earlier run of the server may have listened elsewhere.
      await changeHosts(this.#options, this.#id, () => undefined)
      for (;;) {
        const hosts = (await watcher.changed(signal)) as Hosts | undefined
        await this.#reconcile(this.#wanted(hosts ?? {}))
      }
    } catch (error) {
      if (!signal.aborted) log(`${this.#id}: its ports are no longer followed: ${String(error)}`)
    }
  }

  #wanted(hosts: Hosts): Wanted {
    const wanted: Wanted = new Map()
    for (const host of Object.values(hosts)) {
      for (const [internalPort, binding] of Object.entries(host.bindings)) {
        const port = binding.net.assignedPort
        if (port === null) continue
        const target = { host: this.#containerAddress, port: Number(internalPort) }
        for (const address of listenAddresses(this.#options.place, binding)) {
          wanted.set(`${address} ${port}`, { address, port, target })
        }
      }
    }
    return wanted
  }

  async #reconcile(wanted: Wanted): Promise<void> {
    for (const [key, forward] of this.#forwards) {
      if (wanted.get(key)?.target.port === forward.target.port) continue
      this.#forwards.delete(key)
      await forward.close()
    }
    for (const [key, { address, port, target }] of wanted) {
      if (this.#forwards.has(key)) continue
      try {
        this.#forwards.set(key, await TcpForward.listen(address, port, target))
      } catch (error) {
        this.#options.log(`${this.#id}: port ${port} on ${address} cannot be opened: ${String(error)}`)
        if (!isInUse(error)) continue
        await this.#movePort(port)
        // The database has changed: the next round sees the new port.
        return
      }
    }
  }

  async #movePort(port: number): Promise<void> {
    const { db, place } = this.#options
    await db.mutate((model) => {
      for (const host of Object.values(model.public.packageData[this.#id]?.hosts ?? {})) {
        for (const { net } of Object.values(host.bindings)) {
          if (net.assignedPort === port) {
            net.assignedPort = replacePort(model.private.availablePorts, port, false)
          }
        }
        deriveAddresses(host, place)
      }
    })
  }
}

const isInUse = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
