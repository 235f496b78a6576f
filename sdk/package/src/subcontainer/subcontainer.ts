import type { ChildProcess, StdioOptions } from 'node:child_process'
import type { CommandOptions, CommandType } from './command.ts'
import type { Mounts } from './mounts.ts'
import type { ExecOutcome } from './process.ts'

export interface ExecOptions extends CommandOptions {
  /** Written to standard input. */
  input?: string | Buffer | undefined
  /** Milliseconds until the command is killed; null = never. Default 30 000. */
  timeout?: number | null | undefined
  abort?: AbortSignal | AbortController | undefined
}

export interface SpawnOptions extends CommandOptions {
  /** Output goes to the service's log unless said otherwise. */
  stdio?: StdioOptions | undefined
}

export type FileContent = string | Uint8Array
export interface WriteOptions {
  mode?: number | undefined
}

/**
 * An image's file system in which commands of a service run: own processes, shared network
 * (sdk.md §11). It goes away after `destroy()`, when nothing holds it any more.
 */
export interface SubContainer {
  readonly imageId: string
  readonly name: string | null
  /** Runs a command to its end and collects its output. */
  exec(
    command: CommandType,
    options?: ExecOptions | null,
    timeoutMs?: number | null,
    abort?: AbortSignal | AbortController,
  ): Promise<ExecOutcome>
  /** Like `exec`; throws when the command fails. */
  execFail(
    command: CommandType,
    options?: ExecOptions | null,
    timeoutMs?: number | null,
    abort?: AbortSignal | AbortController,
  ): Promise<ExecOutcome>
  /** Starts a command as the subcontainer's first process. */
  launch(command: CommandType, options?: SpawnOptions): Promise<ChildProcess>
  /** Starts a command. */
  spawn(command: CommandType, options?: SpawnOptions): Promise<ChildProcess>
  /** Writes a file; the path is as seen in the subcontainer. */
  writeFile(path: string, data: FileContent, options?: WriteOptions): Promise<void>
  mount(mounts: Mounts): Promise<void>
  /** Keeps the subcontainer until the answered function is called. */
  hold(): () => Promise<void>
  destroy(): Promise<void>
  /** Leaving the context no longer destroys it. */
  detach(): void
}

/** A subcontainer that is made when it is first used. */
export interface SubContainerLazy extends SubContainer {
  readonly lazy: true
  readonly rootfs: Promise<string>
  readonly guid: Promise<string>
  /** A path in the subcontainer as the service's own code reaches it. */
  subpath(path: string): Promise<string>
  /** The subcontainer itself, made now if it has not been yet. */
  eager(): Promise<SubContainerEager>
}

/** A subcontainer that exists. */
export interface SubContainerEager extends SubContainer {
  readonly lazy: false
  readonly rootfs: string
  readonly guid: string
  subpath(path: string): string
}

export interface ImageChoice<ImageId extends string = string> {
  imageId: ImageId
  /** Shares the service container's `/run`. */
  sharedRun?: boolean | undefined
}
