import type { ChildProcess } from 'node:child_process'
import { copyFile, mkdir, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pause } from '../abort.ts'
import type { Effects } from '../effects.ts'
import { reportUnlessAborted } from '../watchable.ts'
import { type CommandOptions, type CommandType, argvOf, helperArgv } from './command.ts'
import { type ImageMetadata, imageMetadata } from './image.ts'
import { type Mounts, mount } from './mounts.ts'
import { type ExecOutcome, collect, endSoon, ended, run, start } from './process.ts'
import type {
  ExecOptions,
  FileContent,
  ImageChoice,
  SpawnOptions,
  SubContainerEager,
  WriteOptions,
} from './subcontainer.ts'

/** The first process of a subcontainer is there within this time, or it is given up. */
const LEADER_START = 10_000
const LEADER_STOP = 30_000

interface Parts {
  effects: Effects
  image: ImageChoice
  name: string | null
  rootfs: string
  guid: string
  metadata: ImageMetadata
}

/** A subcontainer that exists: file system, mounts and first process. */
export class RunningSubContainer implements SubContainerEager {
  readonly lazy = false
  readonly parts: Parts
  readonly imageId: string
  readonly name: string | null
  readonly rootfs: string
  readonly guid: string
  leader: ChildProcess | null = null
  holds = 0
  wanted = true
  gone: Promise<void> | null = null
  detached = false

  constructor(parts: Parts) {
    this.parts = parts
    this.imageId = parts.image.imageId
    this.name = parts.name
    this.rootfs = parts.rootfs
    this.guid = parts.guid
  }

  static async create(
    effects: Effects,
    image: ImageChoice,
    mounts: Mounts | null,
    name: string | null,
  ): Promise<RunningSubContainer> {
    const { imageId } = image
    const metadata = await imageMetadata(imageId)
    const [rootfs, guid] = await effects.subcontainer.createFs({ imageId, name })
    const made = new RunningSubContainer({ effects, image, name, rootfs, guid, metadata })
    try {
      made.startLeader()
      if (mounts) await made.mount(mounts)
      await made.shareHost()
    } catch (error) {
      await made.destroy()
      throw error
    }
    effects.onLeaveContext(() => {
      if (!made.detached) made.destroy().catch(reportUnlessAborted)
    })
    return made
  }

  subpath(path: string): string {
    return join(this.rootfs, path)
  }

  async exec(
    command: CommandType,
    options?: ExecOptions | null,
    timeoutMs?: number | null,
    abort?: AbortSignal | AbortController,
  ): Promise<ExecOutcome> {
    await this.leaderReady()
    const { input, timeout = timeoutMs, abort: stop = abort, ...rest } = options ?? {}
    const argv = argvOf(command, this.parts.metadata)
    return collect(this.helper('exec', argv, rest), {
      input,
      timeout,
      signal: stop instanceof AbortController ? stop.signal : stop,
      label: argv.join(' '),
    })
  }

  async execFail(...args: Parameters<SubContainerEager['exec']>): Promise<ExecOutcome> {
    return (await this.exec(...args)).throw()
  }

  async spawn(
    command: CommandType,
    { stdio = 'inherit', ...options }: SpawnOptions = {},
  ): Promise<ChildProcess> {
    await this.leaderReady()
    return start(this.helper('exec', argvOf(command, this.parts.metadata), options), stdio)
  }

  async launch(
    command: CommandType,
    { stdio = 'inherit', ...options }: SpawnOptions = {},
  ): Promise<ChildProcess> {
    await this.stopLeader()
    this.leader = start(this.helper('launch', argvOf(command, this.parts.metadata), options), stdio)
    return this.leader
  }

  async writeFile(path: string, data: FileContent, options: WriteOptions = {}): Promise<void> {
    const file = this.subpath(path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, data, options)
  }

  async mount(mounts: Mounts): Promise<void> {
    for (const entry of mounts.build()) await mount(this.parts.effects, this.rootfs, entry)
  }

  hold(): () => Promise<void> {
    this.holds++
    let held = true
    return async () => {
      if (!held) return
      held = false
      this.holds--
      if (!this.wanted) await this.destroy()
    }
  }

  async destroy(): Promise<void> {
    this.wanted = false
    if (this.holds > 0) return
    this.gone ??= this.remove()
    await this.gone
  }

  detach(): void {
    this.detached = true
  }

  async remove(): Promise<void> {
    await this.stopLeader()
    await this.parts.effects.subcontainer.destroyFs({ guid: this.guid })
  }

  helper(mode: 'exec' | 'launch', argv: readonly string[], options: CommandOptions): string[] {
    const { rootfs, metadata } = this.parts
    return helperArgv({ mode, rootfs, imageId: this.imageId, image: metadata, argv, options })
  }

  startLeader(): void {
    const leader = start(['start-container', 'subcontainer', 'launch', this.rootfs], 'inherit')
    leader.on('error', (error) => console.error('a subcontainer could not be started:', error))
    this.leader = leader
  }

  async leaderReady(): Promise<void> {
    if (!this.wanted) throw new Error(`the subcontainer ${this.name ?? this.imageId} was destroyed`)
    if (!this.leader || this.leader.exitCode !== null || this.leader.signalCode !== null) this.startLeader()
    const leader = this.leader
    const until = Date.now() + LEADER_START
    while (!(await stat(join(this.rootfs, 'proc/1')).catch(() => null))) {
      const over = leader?.exitCode !== null || leader.signalCode !== null
      if (over || Date.now() > until)
        throw new Error(`Failed to start subcontainer ${this.name ?? this.imageId}`)
      await pause(1)
    }
  }

  async stopLeader(): Promise<void> {
    const leader = this.leader
    this.leader = null
    // A leader that could not even start has no process.
    if (!leader || leader.pid === undefined) return
    const over = ended(leader)
    endSoon(leader, LEADER_STOP)
    await over
  }

  /** The service container's name servers and devices. */
  async shareHost(): Promise<void> {
    await mkdir(this.subpath('/etc'), { recursive: true })
    await copyFile('/etc/resolv.conf', this.subpath('/etc/resolv.conf')).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error
      },
    )
    for (const path of ['/dev', '/sys', ...(this.parts.image.sharedRun ? ['/run'] : [])]) {
      await mkdir(this.subpath(path), { recursive: true })
      // A slave: taking the copy away must not take away what is mounted in the original.
      await run(['mount', '--rbind', '--make-rslave', path, this.subpath(path)])
    }
  }
}
