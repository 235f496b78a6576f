import { randomUUID } from 'node:crypto'
import { lchown, readdir, rm, rmdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { CodedError } from '@startd/base/errors.ts'
import { readStats } from './cgroup.ts'
import type {
  Container,
  ContainerExit,
  ContainerStats,
  ExecOptions,
  ExecResult,
  VolumeMountOptions,
} from './contract.ts'
import { Execution } from './exec.ts'
import { Gate } from './gate.ts'
import type { Target } from './helper.ts'
import { composeMap } from './id-map.ts'
import type { ImageStore } from './image-store.ts'
import { ID_BASE } from './instance.ts'
import { Life, type LifeParts } from './life.ts'
import { isMountPoint, mountsBelow } from './mount-table.ts'
import { socketAccepts } from './socket-wait.ts'
import { writeState, type ContainerState } from './state.ts'
import { Subcontainers } from './subcontainers.ts'

export interface ContainerParts extends LifeParts {
  readonly images: ImageStore
  /** Called once nothing of the container is left. */
  readonly onDestroyed: () => void
}

/** One container of one instance; see the contract for what each method promises. */
export class LxcContainer implements Container {
  readonly guid: string
  readonly packageId: string
  readonly address: string
  readonly rootfs: string
  readonly rpcDir: string
  readonly logDir: string
  readonly #parts: ContainerParts
  readonly #life: Life
  readonly #subcontainers: Subcontainers
  /** What changes the container passes here, so that nothing is mounted into what is being removed. */
  readonly #changes: Gate
  #state: ContainerState

  constructor(parts: ContainerParts, state: ContainerState) {
    this.#parts = parts
    this.#state = state
    this.guid = state.guid
    this.packageId = state.packageId
    this.address = state.address
    this.rootfs = parts.places.rootfs
    this.rpcDir = parts.places.rpc
    this.logDir = parts.logDir
    this.#life = new Life(parts, state.guid, `container of ${state.packageId}`)
    this.#subcontainers = new Subcontainers(parts, this.guid)
    this.#changes = new Gate(`container of ${this.packageId} is being removed`)
  }

  get bootId(): string | null {
    return this.#state.bootId
  }

  get running(): boolean {
    return this.#life.running
  }

  get exited(): Promise<ContainerExit> {
    return this.#life.exited
  }

  async start(): Promise<void> {
    if (this.running) throw new CodedError('InvalidRequest', `container of ${this.packageId} runs already`)
    const bootId = randomUUID()
    await this.#changes.through(async () => {
      this.#state = { ...this.#state, bootId }
      await writeState(this.#parts.places.state, this.#state)
      await this.#life.begin(bootId)
    })
    await this.#life.started()
  }

  /** Connects to the supervisor of a running container; false when there is none. */
  attach(): Promise<boolean> {
    return this.#life.attach()
  }

  /** Forgets the connection; the container goes on. */
  release(): void {
    this.#life.release()
  }

  async waitForSocket(name: string, timeout: number): Promise<string> {
    const path = join(this.rpcDir, name)
    const ended = new AbortController()
    const late = setTimeout(() => {
      const details = `the runtime of ${this.packageId} did not answer within ${timeout / 1000} s`
      ended.abort(new CodedError('Timeout', details))
    }, timeout)
    void this.exited.then(() => {
      ended.abort(new CodedError('Lxc', `container of ${this.packageId} ended while it was starting`))
    })
    try {
      await socketAccepts(path, ended.signal)
    } finally {
      clearTimeout(late)
    }
    return path
  }

  stop(timeout: number): Promise<ContainerExit> {
    return this.#life.stop(timeout)
  }

  async destroy(): Promise<void> {
    const { places, helper, instance } = this.#parts
    await this.#changes.close()
    await this.stop(10_000)
    await helper.unmount({ root: places.home, path: 'rootfs' })
    for (const member of await readdir(places.members).catch(() => [])) {
      await helper.unmount({ root: places.members, path: member })
    }
    // Below a mount that would not go are other people's files: never delete through it.
    const left = await mountsBelow(places.home)
    if (left.length > 0) throw new CodedError('Filesystem', `still mounted: ${left.join(', ')}`)
    await rmdir(places.rootfs).catch(ignoreMissing)
    await rm(places.home, { recursive: true, force: true })
    await rm(join(instance.lxcPath, this.guid), { recursive: true, force: true })
    this.#parts.onDestroyed()
  }

  async mountSquashfsMember(
    file: string,
    offset: number,
    size: number,
    inside: string,
    options: { idmap?: boolean } = {},
  ): Promise<void> {
    const targets = [this.#subcontainers.memberTarget(inside), this.#inside(inside)]
    await this.#changes.through(async () => {
      await this.#unmount(inside)
      await this.#parts.images.mount({ file, offset, size }, targets, options.idmap ?? true)
    })
  }

  async mountVolume(hostDir: string, inside: string, options: VolumeMountOptions = {}): Promise<void> {
    const source = { root: hostDir, path: options.subpath ?? '.' }
    await this.#changes.through(async () => {
      await this.#unmount(inside)
      await this.#parts.helper.bind(source, [this.#inside(inside)], {
        map: composeMap(options.idmap ?? []),
        readonly: options.readonly ?? false,
        create: options.create ?? false,
      })
    })
  }

  async unmount(inside: string): Promise<void> {
    if (this.#changes.closed) return // the removal takes it along
    await this.#changes.through(() => this.#unmount(inside))
  }

  async #unmount(inside: string): Promise<void> {
    if (await this.isMounted(inside)) await this.#parts.helper.unmount(this.#inside(inside))
    const own = this.#subcontainers.memberTarget(inside)
    if (await isMountPoint(join(own.root, own.path))) await this.#parts.helper.unmount(own)
  }

  async isMounted(inside: string): Promise<boolean> {
    return isMountPoint(join(this.rootfs, inside, '.')) // as the kernel lists it: no last slash
  }

  createOverlay(image: string, guid: string): Promise<string> {
    return this.#changes.through(() => this.#subcontainers.create(image, guid))
  }

  async destroyOverlay(guid: string): Promise<void> {
    if (this.#changes.closed) return
    await this.#changes.through(async () => {
      if (this.running) await this.exec(this.#subcontainers.killCommand(guid))
      await this.#subcontainers.remove(guid)
    })
  }

  overlays(): Promise<string[]> {
    return this.#subcontainers.list()
  }

  async writeFile(inside: string, content: string | Uint8Array): Promise<void> {
    const { helper } = this.#parts
    await this.#changes.through(() => helper.write(this.rootfs, dirname(inside), basename(inside), content))
  }

  async chownForContainer(hostPath: string): Promise<void> {
    if (dirname(hostPath) !== this.rpcDir)
      throw new CodedError('InvalidRequest', `${hostPath} is not in the RPC directory`)
    // The container may have put a link there: never the link's target.
    await lchown(hostPath, ID_BASE, ID_BASE)
  }

  stats(): Promise<ContainerStats> {
    return readStats(this.#parts.instance, this.guid)
  }

  async exec(argv: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
    return new Execution(await this.enterArgv()).run(argv, options)
  }

  async enterArgv(): Promise<string[]> {
    return [this.#parts.helper.program, 'enter', String(await this.#life.initPid())]
  }

  #inside(path: string): Target {
    return { root: this.rootfs, path }
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error
}
