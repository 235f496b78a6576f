import { CodedError } from '@startd/base/errors.ts'
import { archiveName } from '@startd/base/s9pk/index.ts'
import { join } from 'node:path'
import {
  downloadS9pk,
  forgetDownload,
  receiveS9pk,
  type PackagePreview,
  type ReceiveOptions,
  type ReceivedS9pk,
} from '../../s9pk/index.ts'
import type { DownloadOptions, InstallOptions } from '../contract.ts'
import type { Lifecycle } from '../lifecycle.ts'
import { findEntry } from '../model.ts'
import type { ServiceTable } from '../service-table.ts'
import { begin } from './entry.ts'
import { finish } from './finish.ts'
import { InstallProgress } from './install-progress.ts'
import { arrive, findInterrupted, rootOf, type Interrupted } from './interrupted.ts'
import { newJob, type Job } from './job.ts'
import { assertSigner } from './signer.ts'
import { CancelledByOwner, InstallUndo } from './undo.ts'

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
    options: InstallOptions & { urls?: readonly string[] },
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
      await finish(this.#options, begun, received.path)
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
    const interrupted = await findInterrupted(deps, id)
    const work = this.#track(this.#resume(interrupted))
    if (!interrupted.download) return work
    // The other services need not wait for it.
    work.catch((error: unknown) => deps.log(`${id}: could not be brought up: ${String(error)}`))
  }

  async #resume(interrupted: Interrupted): Promise<void> {
    const { id, updating, arriving, download } = interrupted
    await using held = new AsyncDisposableStack()
    const cancelled = this.#running.get(id) ?? new AbortController()
    this.#hold(id, cancelled, held)
    held.use(await this.#options.table.lock(id))
    const progress = held.use(new InstallProgress('Downloading', () => undefined))
    const signal = AbortSignal.any([cancelled.signal, this.#options.closing])
    const job: Job = {
      ...newJob({ id, updating, arriving, progress, signal }),
      file: arriving,
      urls: download?.urls ?? [],
      touched: download === null,
    }
    try {
      job.file = await arrive(this.#options.lifecycle, job, interrupted)
      await finish(this.#options, job, job.file)
    } catch (error) {
      await this.#fail(job, cancelled.signal.aborted ? cancelled.signal.reason : error)
    }
  }

  /** A daemon that ends leaves what is under way to the next one. */
  async #fail(job: Job | null, reason: unknown): Promise<void> {
    if (job === null || job.committed || this.#options.closing.aborted) return
    const { archive } = this.#options.lifecycle.deps.paths
    if (reason instanceof CancelledByOwner) await forgetDownload(archive, rootOf(job.arriving))
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
    assertSigner(db.peek(), { id, developerKey, accepted: acceptSigner })
    const updating = findEntry(db.peek(), id) !== undefined
    progress.headerRead(updating, preview.size)
    await db.mutate((model) => {
      begin(model, { manifest, file, developerKey, icon, progress: progress.snapshot() })
    })
    progress.follow(db, id)
    return newJob({ id, updating, arriving: file, progress, signal })
  }
}
