import { computed, inject, Injectable, Injector, signal } from '@angular/core'
import { toObservable } from '@angular/core/rxjs-interop'
import type { PackageDataEntry } from '@startd/base/model.ts'
import type { FullProgress } from '@startd/base/progress.ts'
import { filter } from 'rxjs'
import { Rpc } from '../../../../shared/api/rpc.ts'
import { RpcFailure } from '../../../../shared/api/rpc-failure.ts'
import { stream, StreamEnd } from '../../../../shared/api/stream.ts'
import { upload, type UploadProgress } from '../../../../shared/api/upload.ts'
import { injectTexts } from '../../../../shared/i18n/texts.ts'
import { manifestOf, Model } from '../../../../shared/live/model.ts'
import type { PackagePreview } from './package-preview.ts'

export type JobState = 'uploading' | 'installing' | 'done' | 'failed' | 'cancelled'

interface Job {
  preview: PackagePreview
  file: File
  state: JobState
  sent: UploadProgress
  progress: FullProgress | null
  error: unknown
}

/** One upload and install; it goes on while the person looks at other pages. */
@Injectable({ providedIn: 'root' })
export class SideloadJob {
  readonly #rpc = inject(Rpc)
  readonly #model = inject(Model)
  readonly #t = injectTexts()
  readonly #injector = inject(Injector)
  readonly #job = signal<Job | null>(null)
  #abort = new AbortController()

  readonly job = this.#job.asReadonly()
  readonly isActive = computed(() => ['uploading', 'installing'].includes(this.#job()?.state ?? ''))
  /** The server's phases, with what this browser itself knows of the upload. */
  readonly phases = computed((): FullProgress | null => {
    const job = this.#job()
    if (!job) return null
    const { sent, state } = job
    const uploading = {
      name: 'Uploading',
      progress:
        state === 'uploading' ? { done: sent.sent, total: sent.total, units: 'bytes' as const } : true,
    }
    const later = (job.progress?.phases ?? []).filter(({ name }) => name !== 'Uploading')
    return { overall: job.progress?.overall ?? null, phases: [uploading, ...later] }
  })

  constructor() {
    addEventListener('beforeunload', (event) => {
      if (this.#job()?.state === 'uploading') event.preventDefault()
    })
  }

  async start(file: File, preview: PackagePreview): Promise<void> {
    this.#abort = new AbortController()
    const { signal: aborted } = this.#abort
    const sent = { sent: 0, total: file.size }
    this.#job.set({ preview, file, state: 'uploading', sent, progress: null, error: null })
    try {
      const { upload: guid, progress } = await this.#rpc.call('package.sideload', {
        // The page has asked the person where this is another key than before.
        acceptSigner: preview.signer,
      })
      aborted.throwIfAborted()
      const end = this.#watch(progress)
      const sending = upload(guid, file, (now) => this.#patch({ sent: now }), aborted)
      // A refusal may come while bytes still flow: then the rest need not be sent.
      await Promise.race([sending, end.then(() => sending)])
      this.#patch({ state: 'installing' })
      await end
      this.#patch({ state: 'done' })
    } catch (error) {
      const wasCancelled = aborted.aborted && this.#job()?.state === 'cancelled'
      this.#abort.abort()
      if (!wasCancelled) this.#patch({ state: 'failed', error: this.#explain(error) })
    }
  }

  /** Ends the upload and undoes what the server has done of it. */
  async cancel(): Promise<void> {
    const job = this.#job()
    if (!job) return
    this.#patch({ state: 'cancelled' })
    this.#abort.abort()
    await this.#rpc
      .call('package.cancel-install', { id: job.preview.manifest.id })
      .catch((error: unknown) => this.#patch({ state: 'failed', error }))
  }

  forget(): void {
    if (!this.isActive()) this.#job.set(null)
  }

  /** Fulfils when the server has installed it; rejects with what it says otherwise. */
  #watch(guid: string): Promise<void> {
    const end = new Promise<void>((resolve, reject) => {
      const frames = stream<FullProgress>(guid).subscribe({
        next: (progress) => {
          if (progress === null) return
          this.#patch({ progress })
          if (progress.overall === true) resolve()
        },
        complete: () => resolve(),
        error: (cause: unknown) => {
          const isLost = cause instanceof StreamEnd && !cause.clean && this.#job()?.state === 'installing'
          if (isLost) this.#outcome().then(resolve, reject)
          else reject(cause as Error)
        },
      })
      this.#abort.signal.addEventListener('abort', () => {
        frames.unsubscribe()
        reject(this.#abort.signal.reason as Error)
      })
    })
    end.catch(() => undefined)
    return end
  }

  /** Where the stream broke after the upload, the model tells how the install ended. */
  #outcome(): Promise<void> {
    const { id, version } = this.#job()?.preview.manifest ?? {}
    return new Promise((resolve, reject) => {
      const watching = toObservable(this.#model.packages, { injector: this.#injector })
        .pipe(filter((packages) => !this.#isChanging(packages[id ?? ''])))
        .subscribe((packages) => {
          queueMicrotask(() => watching.unsubscribe())
          const entry = packages[id ?? '']
          if (entry && manifestOf(entry)?.version === version) resolve()
          else reject(new RpcFailure(null, this.#t().sideload.failed, ''))
        })
    })
  }

  #isChanging(entry: PackageDataEntry | undefined): boolean {
    return entry !== undefined && entry.stateInfo.state !== 'installed'
  }

  #explain(error: unknown): unknown {
    const { sideload } = this.#t()
    if (error instanceof StreamEnd && error.reason) {
      const [title = '', ...rest] = error.reason.split(': ')
      return new RpcFailure(null, title, rest.join(': '))
    }
    const isBroken = error instanceof StreamEnd || (error instanceof RpcFailure && error.title === 'Upload')
    return isBroken ? new RpcFailure(null, sideload.interrupted, sideload.interruptedText) : error
  }

  #patch(change: Partial<Job>): void {
    this.#job.update((job) => job && { ...job, ...change })
  }

  /** Whether the package is being changed by something else now. */
  isBusy(id: string): boolean {
    return this.#isChanging(this.#model.packages()[id])
  }
}
