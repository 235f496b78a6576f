import { mkdir, readdir, rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { CodedError } from '@startd/base/errors.ts'
import { removeCgroups } from './cgroup.ts'
import { LxcContainer, type ContainerParts } from './container.ts'
import type { Container, ContainerDriver, ContainerOptions, DriverOptions, HostProblem } from './contract.ts'
import { layFoundation, type Foundation } from './foundation.ts'
import { Helper } from './helper.ts'
import { checkHost } from './host-check.ts'
import { allowIds, forgetIds } from './host-ids.ts'
import { ImageStore } from './image-store.ts'
import { openInstance, otherInstances, placesOf, RUN_ROOT, type Instance, type Places } from './instance.ts'
import { isMountPoint, mountsBelow } from './mount-table.ts'
import { Network, removeNetwork } from './network.ts'
import { prepareContainer } from './preparation.ts'
import { readState, writeState, type ContainerState } from './state.ts'

const GUID = /^[A-Z2-7]{32}$/
/** LXC keeps a lock file's directory for each path that it was called with, and never removes it. */
const LXC_LOCKS = '/run/lxc/lock'

/** What is enough to take containers down. */
interface Known {
  readonly instance: Instance
  readonly images: ImageStore
}

interface Opened extends Known {
  readonly network: Network
  readonly foundation: Foundation
}

/** The LXC driver; see `ContainerDriver` for what each method promises. */
export class LxcDriver implements ContainerDriver {
  readonly #options: DriverOptions
  readonly #helper: Helper
  readonly #log: (line: string) => void
  readonly #containers = new Map<string, LxcContainer>()
  #opened: Opened | null = null

  constructor(options: DriverOptions) {
    this.#options = options
    this.#helper = new Helper(options.helper)
    this.#log = options.log ?? (() => undefined)
  }

  get hostAddress(): string {
    return this.#need().network.pool.host
  }

  get subnet(): string {
    return this.#need().network.pool.subnet
  }

  get bridge(): string {
    return this.#need().instance.bridge
  }

  check(): Promise<HostProblem[]> {
    return checkHost(this.#options)
  }

  async open(): Promise<void> {
    if (this.#opened) return
    const { dataDir, idmap = 'auto' } = this.#options
    const instance = await openInstance(dataDir)
    await allowIds(instance.dataDir)
    const images = new ImageStore(this.#helper, instance.dataDir, idmap, this.#log)
    const foundation = await layFoundation(instance, this.#helper, images, this.#options)
    const network = await Network.open(instance)
    this.#opened = { instance, images, foundation, network }
  }

  async addressFor(packageId: string): Promise<string> {
    return this.#need().network.pool.addressFor(packageId)
  }

  async releaseAddress(packageId: string): Promise<void> {
    await this.#need().network.pool.release(packageId)
  }

  async create(options: ContainerOptions): Promise<Container> {
    const { guid, packageId, address } = options
    if (!GUID.test(guid)) throw new CodedError('InvalidId', `not a container id: ${guid}`)
    const opened = this.#need()
    const places = placesOf(opened.instance, guid)
    if (await readState(places.state)) throw new CodedError('Duplicate', `container ${guid} exists already`)
    await using undo = new AsyncDisposableStack()
    undo.defer(() => this.remove(guid))
    const { instance, foundation } = opened
    const ground = { instance, foundation, helper: this.#helper, hostAddress: this.hostAddress }
    await prepareContainer(options, places, ground)
    const state: ContainerState = { guid, packageId, address, bootId: null }
    const container = new LxcContainer(this.#parts(opened, state, places), state)
    await mkdir(container.logDir, { recursive: true, mode: 0o750 })
    await writeState(places.state, state)
    this.#containers.set(guid, container)
    undo.move()
    return container
  }

  async adopt(guid: string): Promise<Container | null> {
    return this.#adopt(this.#need(), guid)
  }

  async #adopt(known: Known, guid: string): Promise<LxcContainer | null> {
    const adopted = this.#containers.get(guid)
    if (adopted) return adopted
    const places = placesOf(known.instance, guid)
    const state = GUID.test(guid) ? await readState(places.state) : null
    if (!state) return null
    const container = new LxcContainer(this.#parts(known, state, places), state)
    await container.attach()
    this.#containers.set(guid, container)
    return container
  }

  async list(): Promise<string[]> {
    return guidsOf(this.#need().instance)
  }

  async remove(guid: string): Promise<void> {
    if (!GUID.test(guid)) throw new CodedError('InvalidId', `not a container id: ${guid}`)
    await this.#remove(this.#need(), guid)
  }

  async #remove(known: Known, guid: string): Promise<void> {
    const unknown: ContainerState = { guid, packageId: 'unknown', address: '', bootId: null }
    const places = placesOf(known.instance, guid)
    const container =
      (await this.#adopt(known, guid)) ?? new LxcContainer(this.#parts(known, unknown, places), unknown)
    await container.destroy()
  }

  async close(): Promise<void> {
    for (const container of this.#containers.values()) container.release()
    this.#containers.clear()
    this.#opened = null
    return Promise.resolve()
  }

  async down(): Promise<void> {
    const { dataDir, idmap = 'auto' } = this.#options
    const instance = await openInstance(dataDir)
    if (await isMountPoint(instance.run)) {
      // Without opening: what containers start from may be gone, and is not needed to end them.
      const known = { instance, images: new ImageStore(this.#helper, dataDir, idmap, this.#log) }
      const guids = await guidsOf(instance)
      const results = await Promise.allSettled(guids.map((guid) => this.#remove(known, guid)))
      const failed = results.filter((result) => result.status === 'rejected')
      if (failed.length > 0)
        throw new AggregateError(
          failed.map(({ reason }) => reason as unknown),
          'not all containers ended',
        )
    }
    await this.close()
    await this.#unmountAll(instance)
    await removeNetwork(instance)
    await removeCgroups(instance)
    await rm(join(LXC_LOCKS, instance.run), { recursive: true, force: true })
    for (const shared of [RUN_ROOT, join(LXC_LOCKS, RUN_ROOT)]) {
      await rmdir(shared).catch(() => undefined) // other instances may be there
    }
  }

  async #unmountAll(instance: Instance): Promise<void> {
    if (await isMountPoint(instance.run)) await this.#helper.unmount({ root: RUN_ROOT, path: instance.id })
    const left = await mountsBelow(instance.run)
    if (left.length > 0) throw new CodedError('Filesystem', `still mounted: ${left.join(', ')}`)
    await rmdir(instance.run).catch(() => undefined)
    await rm(join(instance.dataDir, 'run'), { recursive: true, force: true })
  }

  async purge(): Promise<void> {
    await this.down()
    const { id, dataDir } = await openInstance(this.#options.dataDir)
    if ((await otherInstances(id)).length === 0) await forgetIds(dataDir) // else they need the line as well
  }

  #parts({ instance, images }: Known, { guid, packageId }: ContainerState, places: Places): ContainerParts {
    return {
      instance,
      places,
      images,
      helper: this.#helper,
      logDir: join(instance.dataDir, 'logs', packageId),
      onDestroyed: () => this.#containers.delete(guid),
    }
  }

  #need(): Opened {
    if (!this.#opened) throw new CodedError('Uninitialized', 'the container driver is not open')
    return this.#opened
  }
}

async function guidsOf(instance: Instance): Promise<string[]> {
  const names = await readdir(join(instance.run, 'c'))
  return names.filter((name) => GUID.test(name))
}
