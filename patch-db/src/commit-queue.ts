import { setImmediate as nextTurn } from 'node:timers/promises'
import { PatchDbError } from './errors.ts'
import type { JsonValue } from './json.ts'
import type { LogFile } from './log/log-file.ts'
import type { Dump, Revision } from './patch.ts'

type Waiting = {
  readonly revision: Revision
  readonly value: JsonValue
  readonly durable: boolean
  readonly done: () => void
  readonly failed: (error: unknown) => void
}

export type Publish = (revision: Revision, value: JsonValue) => void

/** A tail is folded into a new snapshot when it outgrows the snapshot, but never below this size. */
const SMALLEST_FULL_TAIL = 256 * 1024

/**
 * Group commit: whatever was committed while the disk was busy goes out in one record with one sync. A commit is
 * published, in order, once its bytes are written (relaxed) or on disk (durable). If the disk refuses, that record
 * and all commits that were built on it fail together, and memory goes back to what was published.
 */
export class CommitQueue {
  /** The newest document, including commits that are still on their way to the disk. */
  head: Dump<JsonValue>
  /** The newest document that everybody may see. */
  published: Dump<JsonValue>
  readonly #log: LogFile
  readonly #publish: Publish
  #waiting: Waiting[] = []
  #newest: Promise<void> = Promise.resolve()
  #running: Promise<void> | undefined
  #compaction: Promise<void> | undefined
  #compactors: PromiseWithResolvers<void>[] = []
  /** A compaction that failed is tried again when the tail has grown, not at every commit. */
  #retryAbove = 0
  readonly #onCompactionError: ((error: unknown) => void) | undefined

  constructor(
    log: LogFile,
    head: Dump<JsonValue>,
    publish: Publish,
    onCompactionError?: (error: unknown) => void,
  ) {
    this.#onCompactionError = onCompactionError
    this.#log = log
    this.head = head
    this.published = head
    this.#publish = publish
  }

  commit(revision: Revision, value: JsonValue, durable: boolean): Promise<void> {
    this.head = { id: revision.id, value }
    this.#newest = new Promise((done, failed) => {
      this.#waiting.push({ revision, value, durable, done, failed })
      this.#start()
    })
    return this.#newest
  }

  /** Settles with the newest commit: whoever found nothing to change relies on those before. */
  settled(): Promise<void> {
    return this.#newest
  }

  /** Folds the log into a new snapshot now. */
  compact(): Promise<void> {
    const asked = Promise.withResolvers<void>()
    this.#compactors.push(asked)
    this.#start()
    return asked.promise
  }

  /** Resolves when nothing waits for the disk any more. */
  async idle(): Promise<void> {
    while (this.#running !== undefined || this.#compaction !== undefined) {
      await this.#running
      await this.#compaction
    }
  }

  /** Waits for all work, and leaves a file whose contents are known. Throws `Io` if the disk doesn't let it. */
  async finish(): Promise<void> {
    await this.idle()
    await this.#mend()
  }

  /** After a failed sync the file is written anew from memory, which is all that is still known to be true. */
  async #mend(): Promise<void> {
    if (this.#log.suspect) await this.#compaction
    if (this.#log.suspect) await this.#log.compact(this.published)
  }

  #start(): void {
    this.#running ??= this.#drain().finally(() => {
      this.#running = undefined
    })
  }

  async #drain(): Promise<void> {
    await nextTurn()
    while (this.#waiting.length > 0 || this.#compactors.length > 0) {
      const batch = this.#waiting
      this.#waiting = []
      try {
        await this.#mend()
        if (batch.length > 0) await this.#write(batch)
      } catch (error) {
        this.#fail(batch, error)
      }
      this.#compactIfDue()
      await nextTurn()
    }
  }

  async #write(batch: Waiting[]): Promise<void> {
    const revisions = batch.map((waiting) => waiting.revision)
    const sync = batch.some((waiting) => waiting.durable)
    await this.#log.append(revisions, sync)
    for (const { revision, value, done } of batch) {
      this.published = { id: revision.id, value }
      this.#publish(revision, value)
      done()
    }
  }

  #fail(batch: Waiting[], error: unknown): void {
    const all = [...batch, ...this.#waiting]
    this.#waiting = []
    this.head = this.published
    for (const { failed } of all) failed(error)
  }

  #compactIfDue(): void {
    const { snapshot, tail } = this.#log.size
    const full = tail > Math.max(SMALLEST_FULL_TAIL, snapshot, this.#retryAbove)
    if (this.#compaction !== undefined || (!full && this.#compactors.length === 0)) return
    const asked = this.#compactors
    this.#compactors = []
    this.#compaction = this.#log
      .compact(this.published)
      .then(
        () => {
          this.#retryAbove = 0
          asked.forEach(({ resolve }) => resolve())
        },
        (error: unknown) => {
          this.#retryAbove = this.#log.size.tail + SMALLEST_FULL_TAIL
          if (asked.length === 0) this.#onCompactionError?.(error)
          asked.forEach(({ reject }) => reject(error))
        },
      )
      .finally(() => {
        this.#compaction = undefined
        if (this.#compactors.length > 0) this.#start()
      })
  }
}

export function closedError(): PatchDbError {
  return new PatchDbError('Closed', 'it accepts no more work')
}
