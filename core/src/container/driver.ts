import { createHash, randomBytes } from 'node:crypto'
import {
  chmod,
  chown,
  cp,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  rmdir,
  stat,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import { CodedError } from '@startd/base/errors.ts'
import { removeCgroups, usesCgroupV2 } from './cgroup.ts'
import { LxcContainer, type ContainerParts } from './container.ts'
import type { Container, ContainerDriver, ContainerOptions, DriverOptions, HostProblem } from './contract.ts'
import { Helper } from './helper.ts'
import { checkHost } from './host-check.ts'
import { allowIds, forgetIds } from './host-ids.ts'
import { ImageStore } from './image-store.ts'
import { ID_BASE, openInstance, placesOf, RUN_ROOT, type Instance, type Places } from './instance.ts'
import { lxcConfig } from './lxc-config.ts'
import { isMountPoint, mountsBelow } from './mount-table.ts'
import { Network, removeNetwork } from './network.ts'
import { readState, writeState, type ContainerState } from './state.ts'
import { hosts } from './subcontainers.ts'

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
  /** Directory where the shared base of all containers is mounted. */
  readonly base: string
  /** The runtime's bundle, copied by content. */
  readonly runtime: string
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
    await this.#openRunDirectory(instance)
    await allowIds(instance.dataDir)
    const images = new ImageStore(this.#helper, instance.dataDir, idmap, this.#log)
    await images.collect()
    const base = await this.#mountBase(instance, images)
    const runtime = await this.#copyRuntime(instance)
    const network = await Network.open(instance)
    this.#opened = { instance, network, images, base, runtime }
  }

  async #openRunDirectory(instance: Instance): Promise<void> {
    const source = join(instance.dataDir, 'run')
    for (const directory of [source, join(source, 'c'), join(source, 'lxc')]) {
      await mkdir(directory, { recursive: true })
      // Only the containers' root may pass, on its way to its own root file system.
      await chown(directory, 0, ID_BASE)
      await chmod(directory, 0o710)
    }
    await mkdir(RUN_ROOT, { recursive: true, mode: 0o755 })
    if (await isMountPoint(instance.run)) return
    await this.#helper.bind({ root: source, path: '.' }, [{ root: RUN_ROOT, path: instance.id }])
  }

  async #mountBase(instance: Instance, images: ImageStore): Promise<string> {
    const { rootfs } = this.#options
    const { size, mtimeMs } = await stat(rootfs)
    const key = createHash('sha256')
      .update(`${rootfs} ${size} ${mtimeMs} ${images.mode}`)
      .digest('hex')
      .slice(0, 16)
    const base = join(instance.run, 'base', key)
    if (await isMountPoint(base)) return base
    await images.mount(
      { file: rootfs, offset: 0, size },
      [{ root: instance.run, path: join('base', key) }],
      true,
    )
    return base
  }

  /** A copy, so that an upgrade never changes files under a runtime that is still reading them. */
  async #copyRuntime(instance: Instance): Promise<string> {
    const { runtime } = this.#options
    const hash = createHash('sha256')
    for (const name of (await readdir(runtime)).sort()) {
      const path = join(runtime, name)
      if ((await stat(path)).isFile()) hash.update(`${name}\0`).update(await readFile(path))
    }
    const target = join(instance.run, 'runtime', hash.digest('hex').slice(0, 16))
    if (
      await stat(target).then(
        () => true,
        () => false,
      )
    )
      return target
    const draft = `${target}.${randomBytes(4).toString('hex')}`
    await cp(runtime, draft, { recursive: true })
    await rename(draft, target)
    return target
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
    await this.#prepare(options, opened, places)
    const state: ContainerState = { guid, packageId, address, bootId: null }
    await writeState(places.state, state)
    const container = new LxcContainer(this.#parts(opened, packageId, places), state)
    this.#containers.set(guid, container)
    undo.move()
    return container
  }

  async #prepare(options: ContainerOptions, opened: Opened, places: Places): Promise<void> {
    const { guid, packageId } = options
    await mkdir(this.#logDir(opened, packageId), { recursive: true, mode: 0o750 })
    await mkdir(join(places.upper, 'etc/default'), { recursive: true })
    for (const path of [places.rootfs, places.work, places.rpc, places.overlays, places.members])
      await mkdir(path)
    await chown(places.home, 0, ID_BASE)
    await chmod(places.home, 0o710)
    await chown(places.rpc, ID_BASE, ID_BASE)
    const files = {
      'etc/hostname': `${guid}\n`,
      'etc/hosts': hosts(guid),
      'etc/machine-id': `${randomBytes(16).toString('hex')}\n`,
      'etc/resolv.conf': `nameserver ${opened.network.pool.host}\n`,
      'etc/default/locale': `LANG=${options.lang}\n`,
    }
    for (const [name, text] of Object.entries(files)) await writeFile(join(places.upper, name), text)
    for (const name of ['', 'etc', 'etc/default', ...Object.keys(files)]) {
      await chown(join(places.upper, name), ID_BASE, ID_BASE)
    }
    await this.#helper.overlay([opened.base], places.upper, places.work, {
      root: places.home,
      path: 'rootfs',
    })
    const config = lxcConfig({
      options,
      places,
      instance: opened.instance,
      runtime: opened.runtime,
      hostAddress: opened.network.pool.host,
      devices: await present(options.devices ?? []),
      cgroupV2: await usesCgroupV2(),
    })
    await mkdir(join(opened.instance.lxcPath, guid), { mode: 0o700 })
    await writeFile(join(opened.instance.lxcPath, guid, 'config'), config)
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
    const container = new LxcContainer(this.#parts(known, state.packageId, places), state)
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
    const container =
      (await this.#adopt(known, guid)) ??
      new LxcContainer(this.#parts(known, 'unknown', placesOf(known.instance, guid)), {
        guid,
        packageId: 'unknown',
        address: '',
        bootId: null,
      })
    await container.destroy()
    this.#containers.delete(guid)
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
    await forgetIds(this.#options.dataDir)
  }

  #parts({ instance, images }: Known, packageId: string, places: Places): ContainerParts {
    const logDir = join(instance.dataDir, 'logs', packageId)
    return { instance, places, images, helper: this.#helper, logDir }
  }

  #logDir({ instance }: Opened, packageId: string): string {
    return join(instance.dataDir, 'logs', packageId)
  }

  #need(): Opened {
    if (!this.#opened) throw new CodedError('Uninitialized', 'the container driver is not open')
    return this.#opened
  }
}

/** The device nodes of these paths that exist; of a directory, all below it. */
async function present(paths: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    paths.map(async (path) => {
      const info = await stat(path).catch(() => null)
      if (info?.isCharacterDevice() || info?.isBlockDevice()) return [path]
      if (!info?.isDirectory()) return []
      return present((await readdir(path)).map((name) => join(path, name)))
    }),
  )
  return found.flat()
}

async function guidsOf(instance: Instance): Promise<string[]> {
  const names = await readdir(join(instance.run, 'c'))
  return names.filter((name) => GUID.test(name))
}
