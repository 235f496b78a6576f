import { randomUUID } from 'node:crypto'
import { lchown, readdir, rm, rmdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { execa } from 'execa'
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
import type { Helper, Target } from './helper.ts'
import { composeMap } from './id-map.ts'
import type { ImageStore } from './image-store.ts'
import { ID_BASE, type Instance, type Places } from './instance.ts'
import { isMountPoint, mountsBelow } from './mount-table.ts'
import { socketAccepts } from './socket-wait.ts'
import { lastLines, writeState, type ContainerState } from './state.ts'
import { Subcontainers } from './subcontainers.ts'
import { Supervisor } from './supervisor.ts'

const NOT_RUNNING: ContainerExit = { code: null, signal: null }
const START_DEADLINE = 30_000

export interface ContainerParts {
  readonly instance: Instance
  readonly places: Places
  readonly helper: Helper
  readonly images: ImageStore
  readonly logDir: string
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
  readonly #subcontainers: Subcontainers
  #state: ContainerState
  #supervisor: Supervisor | null = null
  #exited: Promise<ContainerExit> = Promise.resolve(NOT_RUNNING)

  constructor(parts: ContainerParts, state: ContainerState) {
    this.#parts = parts
    this.#state = state
    this.guid = state.guid
    this.packageId = state.packageId
    this.address = state.address
    this.rootfs = parts.places.rootfs
    this.rpcDir = parts.places.rpc
    this.logDir = parts.logDir
    this.#subcontainers = new Subcontainers(parts, this.guid)
  }

  get bootId(): string | null {
    return this.#state.bootId
  }

  get running(): boolean {
    return this.#supervisor !== null
  }

  get exited(): Promise<ContainerExit> {
    return this.#exited
  }

  async start(): Promise<void> {
    if (this.#supervisor)
      throw new CodedError('InvalidRequest', `container of ${this.packageId} runs already`)
    const { places, instance, helper } = this.#parts
    this.#state = { ...this.#state, bootId: randomUUID() }
    await writeState(places.state, this.#state)
    await rm(places.lxcLog, { force: true })
    const options = {
      '--socket': places.socket,
      '--log-dir': this.logDir,
      '--boot-id': this.#state.bootId ?? '',
      '--owner': String(ID_BASE),
    }
    const lxcStart = ['lxc-start', '-F', '-P', instance.lxcPath, '-n', this.guid]
    await execa(helper.program, ['supervise', ...Object.entries(options).flat(), '--', ...lxcStart], {
      stdio: 'ignore',
    })
    if (!(await this.attach())) throw await this.#startError()
    await this.#awaitInit()
  }

  /** Connects to the supervisor of a running container; false when there is none. */
  async attach(): Promise<boolean> {
    const supervisor = await Supervisor.connect(this.#parts.places.socket)
    if (!supervisor) return false
    this.#supervisor = supervisor
    this.#exited = supervisor.exited.then((exit) => this.#ended(exit))
    return true
  }

  /** Forgets the connection; the container goes on. */
  release(): void {
    this.#supervisor?.close()
    this.#supervisor = null
  }

  async #ended(exit: ContainerExit): Promise<ContainerExit> {
    this.#supervisor = null
    // Without its supervisor nobody writes the log or sees the end: such a container is ended too.
    if (exit.code === null && exit.signal === null) await this.#forceStop()
    return exit
  }

  async #forceStop(): Promise<void> {
    await execa('lxc-stop', ['-P', this.#parts.instance.lxcPath, '-n', this.guid, '--kill'], {
      reject: false,
    })
  }

  async #awaitInit(): Promise<void> {
    const supervisor = this.#supervisor
    const deadline = AbortSignal.timeout(START_DEADLINE)
    const late = new Promise<never>((_, reject) => {
      deadline.addEventListener('abort', () => reject(new Error('timeout')), { once: true })
    })
    try {
      await Promise.race([supervisor?.running, late])
    } catch {
      if (deadline.aborted) supervisor?.kill()
      throw deadline.aborted
        ? new CodedError('Timeout', `container of ${this.packageId} did not start within 30 seconds`)
        : await this.#startError()
    }
  }

  async #startError(): Promise<CodedError> {
    const reason = await lastLines(this.#parts.places.lxcLog, /ERROR/)
    return new CodedError('Lxc', `container of ${this.packageId} did not start${reason ? `: ${reason}` : ''}`)
  }

  async waitForSocket(name: string, timeout: number): Promise<string> {
    const path = join(this.rpcDir, name)
    const ended = new AbortController()
    const late = setTimeout(() => {
      const details = `the runtime of ${this.packageId} did not answer within ${timeout / 1000} s`
      ended.abort(new CodedError('Timeout', details))
    }, timeout)
    void this.#exited.then(() => {
      ended.abort(new CodedError('Lxc', `container of ${this.packageId} ended while it was starting`))
    })
    try {
      await socketAccepts(path, ended.signal)
    } finally {
      clearTimeout(late)
    }
    return path
  }

  async stop(timeout: number): Promise<ContainerExit> {
    const supervisor = this.#supervisor
    if (!supervisor) return this.#exited
    supervisor.terminate()
    const timer = setTimeout(() => supervisor.kill(), timeout)
    try {
      return await this.#exited
    } finally {
      clearTimeout(timer)
    }
  }

  async destroy(): Promise<void> {
    const { places, helper, instance } = this.#parts
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
    await this.unmount(inside)
    const own = this.#subcontainers.memberTarget(inside)
    await this.#parts.images.mount({ file, offset, size }, [own, this.#inside(inside)], options.idmap ?? true)
  }

  async mountVolume(hostDir: string, inside: string, options: VolumeMountOptions = {}): Promise<void> {
    await this.unmount(inside)
    const source = { root: hostDir, path: options.subpath ?? '.' }
    await this.#parts.helper.bind(source, [this.#inside(inside)], {
      map: composeMap(options.idmap ?? []),
      readonly: options.readonly ?? false,
      create: options.create ?? false,
    })
  }

  async unmount(inside: string): Promise<void> {
    if (await this.isMounted(inside)) await this.#parts.helper.unmount(this.#inside(inside))
    const own = this.#subcontainers.memberTarget(inside)
    if (await isMountPoint(join(own.root, own.path))) await this.#parts.helper.unmount(own)
  }

  async isMounted(inside: string): Promise<boolean> {
    return isMountPoint(join(this.rootfs, inside, '.')) // as the kernel lists it: no last slash
  }

  createOverlay(image: string, guid: string): Promise<string> {
    return this.#subcontainers.create(image, guid)
  }

  async destroyOverlay(guid: string): Promise<void> {
    if (this.running) await this.exec(this.#subcontainers.killCommand(guid))
    await this.#subcontainers.remove(guid)
  }

  overlays(): Promise<string[]> {
    return this.#subcontainers.list()
  }

  async writeFile(inside: string, content: string | Uint8Array): Promise<void> {
    await this.#parts.helper.write(this.rootfs, dirname(inside), basename(inside), content)
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
    if (!this.#supervisor)
      throw new CodedError('InvalidRequest', `container of ${this.packageId} does not run`)
    return [this.#parts.helper.program, 'enter', String(await this.#supervisor.running)]
  }

  #inside(path: string): Target {
    return { root: this.rootfs, path }
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error
}
