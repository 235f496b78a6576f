import type { PackageCheck } from '@startd/base/model.ts'
import type { FullProgress } from '@startd/base/progress.ts'
import type { LogLevel } from '@startd/base/rpc/params.ts'
import type { Commitment } from '@startd/base/s9pk/index.ts'
import type { ActionInput, ActionResultV1 } from '@startd/base/service-schemas.ts'

/** One line of a service's log (service-runtime.md §10.1). */
export interface LogEntry {
  /** RFC 3339, UTC. */
  timestamp: string
  message: string
  /** The container start that the line belongs to. */
  bootId: string
}

export interface LogQuery {
  /** Lines; default 50, at most 10 000. */
  limit?: number | null
  /** Opaque, from an earlier answer. */
  cursor?: string | null
  /** With a cursor: the lines before it; otherwise the lines after it. */
  before?: boolean
  /** A boot id, or a number: 0 is the current start, -1 the one before it. All of them when left out. */
  boot?: string | number | null
  /** Only lines with this text in them, in capitals or not. */
  search?: string | null
  /** Only lines that are at least this serious; those that do not say count as `info`. */
  level?: LogLevel | null
}

/** Oldest line first. The cursors are null where nothing was found. */
export interface LogPage {
  entries: LogEntry[]
  startCursor: string | null
  endCursor: string | null
}

/** A log that goes on: `startCursor` is where it begins, `entries` ends when `signal` of the call aborts. */
export interface LogStream {
  startCursor: string | null
  entries: AsyncIterable<LogEntry>
}

/** Whole MiB, names as on the wire (service-runtime.md §10.2). */
export interface ServiceStats {
  container_id: string
  memory_usage: number
  memory_limit: number
  /** Processor time since the container has started. */
  cpu_seconds: number
  processes: number
  /** From and to disks since the container has started. */
  disk_read: number
  disk_written: number
}

export interface InstallOptions {
  /** Bytes of the archive, where the sender said so. */
  size: number | null
  signal: AbortSignal
  /** Fingerprint of a new signing key that the owner has confirmed for this package. */
  acceptSigner?: string | null
  /** Called once: the package fits this server, and its entry shows from now on how far it is. */
  onBegin?(id: string): void
  /** Called with every change worth showing, at most every 100 ms. */
  onProgress(progress: FullProgress): void
}

export interface DownloadOptions extends Omit<InstallOptions, 'size'> {
  /** The exact package that is expected. */
  commitment?: Commitment | null
}

export interface UninstallOptions {
  /** Keeps the service's data. */
  soft: boolean
  /** Goes on when the service's own clean-up fails. */
  force: boolean
}

/**
 * All installed services. Calls that only change what is wanted fulfil at once; each service's
 * actor then drives its container there. Unknown ids are refused with NotFound.
 */
export interface ServiceControl {
  /**
   * Takes over what still runs and resumes what was under way; one bad package stops none of the
   * others. Fulfils when that is done, or after 10 seconds while slow services go on in the background.
   */
  load(): Promise<void>
  /** Installs or updates from an archive; fulfils when the service is installed and initialised. */
  install(stream: AsyncIterable<Uint8Array>, options: InstallOptions): Promise<{ id: string }>
  /**
   * Installs or updates from the first of several web addresses that gives the package; only what this machine needs
   * of it is fetched. A daemon that ends meanwhile leaves the download to the next one.
   */
  download(urls: readonly string[], options: DownloadOptions): Promise<{ id: string }>
  start(id: string, force: boolean): Promise<void>
  stop(id: string): Promise<void>
  restart(id: string): Promise<void>
  /** Recreates the container; fulfils when the service is loaded again. */
  rebuild(id: string): Promise<void>
  /** Downloads and installs just the package that is installed once more; throws NotFound for one that was uploaded. */
  refetch(id: string, options: Omit<DownloadOptions, 'commitment'>): Promise<void>
  /** Fingerprint of the key that a package is known by, also after a removal that kept its data; null if it never was here. */
  signer(id: string): string | null
  /** Reads the stored package file through; damage is also told in a notification. */
  checkArchive(id: string): Promise<PackageCheck>
  /** Fulfils when the removal has begun; a failure then shows as notification. */
  uninstall(id: string, options: UninstallOptions): Promise<void>
  /** Ends a running install of that id; nothing to cancel is fine. */
  cancelInstall(id: string): Promise<void>
  getActionInput(
    id: string,
    actionId: string,
    prefill: Record<string, unknown> | null,
  ): Promise<ActionInput | null>
  /** `eventId` is that of the form; without one, a fresh form is opened and answered. */
  runAction(
    id: string,
    actionId: string,
    eventId: string | null,
    input: unknown,
  ): Promise<ActionResultV1 | null>
  clearTask(id: string, replayId: string, force: boolean): Promise<void>
  logs(id: string, query: LogQuery): Promise<LogPage>
  followLogs(id: string, query: LogQuery, signal: AbortSignal): Promise<LogStream>
  stats(): Promise<Record<string, ServiceStats | null>>
  /** Whether whoever calls from this address is a service and not a person. */
  isService(address: string): boolean
  /** Ends the programs of all services, each as it wants to be ended; what the owner wants of them stays for the next start. */
  halt(): Promise<void>
  /** Lets go of everything and leaves the services running. */
  close(): Promise<void>
}
