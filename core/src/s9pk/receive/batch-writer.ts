import { Worker } from 'node:worker_threads'
import type { Batch, Done, Stretch, Task } from './write-thread.ts'

/** Bytes gathered before they go to the thread. */
export const BATCH = 1024 * 1024
/** How far the thread may lag behind. */
const MOST = 8

/**
 * Writes to a file, and hashes parts of it, on a thread of its own: asking Node's thread pool for each step would take
 * the main thread longer than all else that it does with the bytes.
 */
export class BatchWriter {
  readonly #thread: Worker
  readonly #onWritten: (bytes: number) => void
  readonly #spare: Batch['bytes'][] = []
  readonly #lengths: number[] = []
  readonly #digests: PromiseWithResolvers<Uint8Array>[] = []
  #failure: Error | null = null
  #closing = false
  readonly #ended: Promise<unknown>
  #change = Promise.withResolvers<void>()

  /** `fd` stays the caller's, who closes this before it. */
  constructor(fd: number, onWritten: (bytes: number) => void) {
    this.#onWritten = onWritten
    this.#thread = new Worker(new URL('./write-thread.ts', import.meta.url), { workerData: { fd } })
    this.#thread.on('message', (done: Done) => this.#done(done))
    this.#thread.on('error', (error: Error) => this.#fail(error))
    this.#ended = new Promise((resolve) => this.#thread.once('exit', resolve))
    this.#thread.on('exit', () => this.#closing || this.#fail(new Error('the writing thread has ended')))
  }

  /** Takes a batch and gives an empty one for it; waits only while `MOST` are under way. Throws when writing failed. */
  exchange(batch: Batch): Batch['bytes'] | Promise<Batch['bytes']> {
    if (this.#failure) throw this.#failure
    this.#thread.postMessage({ batch } satisfies Task, [batch.bytes.buffer])
    this.#lengths.push(batch.length)
    return this.#empty() ?? this.#nextEmpty()
  }

  /** The hash of a part of the file, once it was written. To be asked for in order, before its first batch is taken. */
  hash(stretch: Stretch): Promise<Uint8Array> {
    const digest = Promise.withResolvers<Uint8Array>()
    this.#digests.push(digest)
    this.#thread.postMessage({ stretch } satisfies Task)
    return digest.promise
  }

  /** Fulfils when all that was taken is in the file; throws when writing failed. */
  async idle(): Promise<void> {
    while (this.#lengths.length > 0 && !this.#failure) await this.#change.promise
    if (this.#failure) throw this.#failure
  }

  /**
   * Ends the thread after what it was given. It is asked and not terminated, for that would bring the whole program down
   * while the thread loads the native hash or is inside it.
   */
  async close(): Promise<void> {
    this.#closing = true
    this.#thread.postMessage({ end: true } satisfies Task)
    await this.#ended
  }

  #empty(): Batch['bytes'] | undefined {
    return this.#spare.pop() ?? (this.#lengths.length < MOST ? newBatch() : undefined)
  }

  async #nextEmpty(): Promise<Batch['bytes']> {
    for (;;) {
      await this.#change.promise
      if (this.#failure) throw this.#failure
      const empty = this.#empty()
      if (empty) return empty
    }
  }

  #done(done: Done): void {
    if ('digest' in done) {
      this.#digests.shift()?.resolve(done.digest)
      return
    }
    this.#spare.push(done.emptied)
    this.#onWritten(this.#lengths.shift() ?? 0)
    this.#wake()
  }

  #fail(error: Error): void {
    this.#failure ??= error
    for (const digest of this.#digests.splice(0)) digest.reject(error)
    this.#wake()
  }

  #wake(): void {
    this.#change.resolve()
    this.#change = Promise.withResolvers()
  }
}

/** Memory of its own, which can move between threads. */
export function newBatch(): Batch['bytes'] {
  return new Uint8Array(BATCH)
}
