import { rm } from 'node:fs/promises'
import { CodedError } from '@startd/base/errors.ts'
import { archiveName, publicKeyPem } from '@startd/base/s9pk/index.ts'
import { basename, join } from 'node:path'
import {
  downloadS9pk,
  forgetDownload,
  openS9pkFile,
  receiveS9pk,
  unfinishedDownload,
  type PackagePreview,
  type ReceiveOptions,
  type ReceivedS9pk,
  type UnfinishedDownload,
} from '../../s9pk/index.ts'
import type { DownloadOptions, InstallOptions } from '../contract.ts'
import { isFile } from '../atomic-file.ts'
import { readDataVersion } from '../data-version.ts'
import type { Lifecycle } from '../lifecycle.ts'
import { changeEntry, entryOf, findEntry } from '../model.ts'
import { Service } from '../service.ts'
import type { ServiceTable } from '../service-table.ts'
import * as entries from './entry.ts'
import { exitTarget } from './exit-target.ts'
import { InstallProgress } from './install-progress.ts'
import { endDownload } from './interrupted-download.ts'
import { assertSigner, rememberSigner } from './signer.ts'
import { rememberSource } from './source.ts'
import { dropSnapshot, restoreSnapshot, takeSnapshot } from './snapshot.ts'
import { CancelledByOwner, InstallUndo } from './undo.ts'

/** One install under way, from its header on. */
interface Job {
  readonly id: string
  readonly updating: boolean
  readonly progress: InstallProgress
  readonly signal: AbortSignal
  /** Where the new archive will lie. */
  readonly arriving: string
  /** The new archive, once it is complete. */
  file: string | null
  /** The web addresses that it came from. */
  urls: readonly string[]
  /** Whether the running service or its data may have been changed. */
  touched: boolean
  /** Whether the new version is the installed one; nothing is undone then. */
  committed: boolean
}

/** Gets a package on the disk, verified. */
type Receive = (options: ReceiveOptions) => Promise<ReceivedS9pk>

interface Beginning extends Pick<Job, 'progress' | 'signal'> {
  acceptSigner: string | null
}

export interface InstallerOptions {
  lifecycle: Lifecycle
  table: ServiceTable
  /** Aborts when the daemon ends: what is under way is then finished or undone by the next one. */
  closing: AbortSignal
}

/** Installs and updates packages; a failure at any point leaves what was there before (service-runtime.md §7.3). */
export class Installer {
  readonly #options: InstallerOptions
  readonly #undo: InstallUndo
  readonly #running = new Map<string, AbortController>()
  readonly #work = new Set<Promise<unknown>>()

  constructor(options: InstallerOptions) {
    this.#options = options
    this.#undo = new InstallUndo(options.lifecycle, options.table)
  }

  cancel(id: string): void {
    this.#running.get(id)?.abort(new CancelledByOwner(id))
  }

  /** Fulfils when every install has ended, in whichever way. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#work)
  }

  /** Takes a package off a stream and installs it; fulfils when its service is ready. */
  install(stream: AsyncIterable<Uint8Array>, options: InstallOptions): Promise<{ id: string }> {
    const { archive } = this.#options.lifecycle.deps.paths
    return this.#track(this.#install((hooks) => receiveS9pk(stream, archive, hooks), 'Uploading', options))
  }

  /** Downloads a package and installs it; fulfils when its service is ready. */
  download(urls: readonly string[], options: DownloadOptions): Promise<{ id: string }> {
    const { archive } = this.#options.lifecycle.deps.paths
    const { commitment = null } = options
    const receive: Receive = (hooks) => downloadS9pk(urls, archive, { ...hooks, commitment })
    return this.#track(this.#install(receive, 'Downloading', { ...options, size: null, urls }))
  }

  #track<T>(promise: Promise<T>): Promise<T> {
    const work = promise.finally(() => this.#work.delete(work))
    this.#work.add(work)
    return work
  }

  async #install(
    receive: Receive,
    transfer: 'Uploading' | 'Downloading',
    options: InstallOptions & Pick<DownloadOptions, 'onBegin'> & { urls?: readonly string[] },
  ): Promise<{ id: string }> {
    const { arch } = this.#options.lifecycle.deps
    await using held = new AsyncDisposableStack()
    const cancelled = new AbortController()
    const signal = AbortSignal.any([options.signal, cancelled.signal, this.#options.closing])
    const progress = held.use(new InstallProgress(transfer, options.onProgress))
    let job: Job | null = null
    try {
      const received = await receive({
        arch,
        size: options.size,
        signal,
        onProgress: (done, total) => {
          progress.received(done, total)
        },
        onHeader: async (preview) => {
          const { id } = preview.manifest
          this.#claim(id, cancelled, held)
          held.use(await this.#options.table.lock(id))
          job = await this.#begin(preview, { progress, signal, acceptSigner: options.acceptSigner ?? null })
          options.onBegin?.(id)
        },
      })
      // `onHeader` has run: a package is not received without it.
      const begun = job as unknown as Job
      begun.file = received.path
      begun.urls = options.urls ?? []
      await this.#finish(begun, received.path)
      return { id: begun.id }
    } catch (error) {
      const reason: unknown = cancelled.signal.aborted ? cancelled.signal.reason : error
      await this.#fail(job, reason)
      throw reason
    }
  }

  /** Refuses another install of a package that a dead daemon left half installed, until `resume` has ended. */
  expect(id: string): void {
    this.#running.set(id, new AbortController())
  }

  /** Goes on with an expected install that a dead daemon left, or takes it back; with a download in the background. */
  async resume(id: string): Promise<void> {
    const { deps } = this.#options.lifecycle
    const { stateInfo, s9pk } = entryOf(deps.db.peek(), id)
    const file = stateInfo.state === 'updating' ? stateInfo.s9pk : s9pk
    const download = (await isFile(file)) ? null : await unfinishedDownload(deps.paths.archive, nameOf(file))
    const work = this.#track(this.#resume(id, file, download))
    if (!download) return work
    // The other services need not wait for it.
    work.catch((error: unknown) => deps.log(`${id}: could not be brought up: ${String(error)}`))
  }

  async #resume(id: string, arriving: string, download: UnfinishedDownload | null): Promise<void> {
    const { deps } = this.#options.lifecycle
    const { stateInfo, s9pk } = entryOf(deps.db.peek(), id)
    const updating = stateInfo.state === 'updating'
    let file = arriving
    await using held = new AsyncDisposableStack()
    const cancelled = this.#running.get(id) ?? new AbortController()
    this.#hold(id, cancelled, held)
    held.use(await this.#options.table.lock(id))
    const progress = held.use(new InstallProgress('Downloading', () => undefined))
    const signal = AbortSignal.any([cancelled.signal, this.#options.closing])
    const touched = download === null
    const urls = download?.urls ?? []
    const job: Job = { id, updating, progress, signal, arriving, file, urls, touched, committed: false }
    try {
      const lost = stateInfo.state === 'restoring' || (updating && file === s9pk)
      if (download) {
        progress.resumed(updating)
        progress.follow(deps.db, id)
        file = job.file = await endDownload(this.#options.lifecycle, job, download)
      }
      if (lost || !(await isFile(file))) {
        throw new CodedError('Cancelled', 'the installation was interrupted before the package had arrived')
      }
      await restoreSnapshot(deps.paths, id)
      if (!download) progress.resumed(updating)
      progress.follow(deps.db, id)
      await this.#finish(job, file)
    } catch (error) {
      await this.#fail(job, cancelled.signal.aborted ? cancelled.signal.reason : error)
    }
  }

  /** A daemon that ends leaves what is under way to the next one. */
  async #fail(job: Job | null, reason: unknown): Promise<void> {
    if (job === null || job.committed || this.#options.closing.aborted) return
    const { archive } = this.#options.lifecycle.deps.paths
    if (reason instanceof CancelledByOwner) await forgetDownload(archive, nameOf(job.arriving))
    await this.#undo.run(job, reason)
  }

  #claim(id: string, cancelled: AbortController, held: AsyncDisposableStack): void {
    if (this.#running.has(id)) {
      throw new CodedError('InvalidRequest', `“${id}” is being installed already; wait until that has ended`)
    }
    this.#hold(id, cancelled, held)
  }

  #hold(id: string, cancelled: AbortController, held: AsyncDisposableStack): void {
    this.#running.set(id, cancelled)
    held.defer(() => {
      this.#running.delete(id)
    })
  }

  async #begin(preview: PackagePreview, { progress, signal, acceptSigner }: Beginning): Promise<Job> {
    const { db, paths } = this.#options.lifecycle.deps
    const { manifest, commitment, developerKey, icon } = preview
    const { id } = manifest
    const file = join(paths.installed, `${archiveName(Buffer.from(commitment.rootSighash, 'base64'))}.s9pk`)
    assertSigner(db.peek(), { id, title: manifest.title, developerKey, accepted: acceptSigner })
    const updating = findEntry(db.peek(), id) !== undefined
    progress.headerRead(updating, preview.size)
    await db.mutate((model) => {
      entries.begin(model, { manifest, file, developerKey, icon, progress: progress.snapshot() })
    })
    progress.follow(db, id)
    return {
      id,
      updating,
      progress,
      signal,
      arriving: file,
      file: null,
      urls: [],
      touched: false,
      committed: false,
    }
  }

  async #finish(job: Job, file: string): Promise<void> {
    const { lifecycle, table } = this.#options
    const { db, paths, log } = lifecycle.deps
    const { id, updating, signal, progress } = job
    signal.throwIfAborted()
    progress.unpacked()
    await changeEntry(db, id, (entry) => {
      entries.setFile(entry, file)
    })
    const before = entryOf(db.peek(), id)
    const details = await readDetails(file)
    const dataVersion = await readDataVersion(paths, id)
    const old = table.find(id)
    job.touched = true
    if (old) await old.halt()
    await takeSnapshot(paths, id)
    signal.throwIfAborted()
    if (old && 'manifest' in before.stateInfo) {
      const target = exitTarget(dataVersion, before.stateInfo.manifest, details.manifest)
      await lifecycle.unload(old, { target, force: false })
    }
    const service = await Service.start(lifecycle.deps, {
      id,
      file,
      kind: dataVersion === null ? 'install' : 'update',
      signal,
      onProgress: (value) => {
        progress.initialising(value)
      },
    })
    // From here on an undo finds the new service in the table and unloads it.
    table.add(service)
    await progress.complete()
    await db.mutate((model) => {
      entries.complete(model, id, { ...details, file })
      rememberSigner(model, id, details.developerKey)
      rememberSource(model, id, { urls: [...job.urls], commitment: details.commitment })
    })
    job.committed = true
    service.run()
    log(`${id}: version ${details.manifest.version} is installed`)
    if (updating && before.s9pk !== file) await rm(before.s9pk, { force: true })
    await dropSnapshot(paths, id)
  }
}

/** The root hash in the name of an archive. */
function nameOf(file: string): string {
  return basename(file, '.s9pk')
}

async function readDetails(file: string) {
  await using opened = await openS9pkFile(file)
  const { s9pk } = opened
  return {
    manifest: s9pk.manifest,
    developerKey: publicKeyPem(s9pk.signer),
    icon: await s9pk.icon(),
    commitment: s9pk.commitment,
  }
}
