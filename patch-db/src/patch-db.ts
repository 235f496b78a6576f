import { randomUUID } from 'node:crypto'
import { adoptDocument, Changes, type Change } from './changes.ts'
import { closedError, CommitQueue } from './commit-queue.ts'
import { FanOut } from './fan-out.ts'
import type { Position } from './history.ts'
import { isObject, type JsonValue } from './json.ts'
import type { LogFile } from './log/log-file.ts'
import { openLog, type Migrated, type Recovery } from './log/open.ts'
import type { Migration } from './migrations.ts'
import type { Dump, Patch, Revision } from './patch.ts'
import type { Key, At, At2, At3, At4, At5, At6 } from './paths.ts'
import type { Path0, Path1, Path2, Path3, Path4, Path5, Path6 } from './paths.ts'
import { formatPointer, parsePointer, valueAt, type Segment } from './pointer.ts'
import type { Sizes } from './bounds.ts'
import type { Subscription, SubscriptionLimits } from './subscription.ts'
import type { Watcher } from './watcher.ts'

/** How a database is opened: every member may be left out. */
export type OpenOptions<T> = {
  /** The document of a file that does not exist yet; null if absent. */
  readonly initial?: T
  /**
   * Steps that bring an older document up to date, oldest first. Each runs once, all of them or none; a copy of the
   * file from before is kept. Without this list the document is taken as it is.
   */
  readonly migrations?: readonly Migration[]
  /** Told which migrations ran, whether the file had an older layout, and where the copy from before is. */
  readonly onMigrate?: (migrated: Migrated) => void
  /** Told when the file ended in an unfinished write, which was dropped and put aside. */
  readonly onRecover?: (recovery: Recovery) => void
  /** Told when the file could not be rewritten; it stays whole and only grows until a later attempt succeeds. */
  readonly onCompactionError?: (error: unknown) => void
  /** How large a revision and the document may grow; 16 and 64 MiB unless said otherwise. */
  readonly sizes?: Partial<Sizes>
}

/** How a single change is committed. */
export type CommitOptions = {
  /**
   * False for values that may be lost in a power cut: the commit waits for the write, not for the disk. It still
   * survives a crash of the process, and the next durable commit takes it along.
   */
  readonly durable?: boolean
}

/** What a mutation returned, and the revision that it made: null if it changed nothing. */
export type Mutated<R> = { readonly result: R; readonly revision: Revision | null }

/** A snapshot and the stream that continues it. */
export type Subscribed = { readonly dump: Dump; readonly subscription: Subscription }

/**
 * One JSON document in memory, whose every change is a numbered patch in a file. What readers see (`peek`, `get`,
 * watchers, subscriptions) is what has reached the file; a mutation sees the newest state, including commits that
 * still wait for the disk. All snapshots are immutable and stay valid forever.
 */
export class PatchDb<T> implements AsyncDisposable {
  /**
   * Names this opening of the file. Ids alone do not: after a restore, or a power cut that took relaxed commits, the
   * same id may stand for another document.
   */
  readonly epoch = randomUUID()
  readonly #log: LogFile
  readonly #queue: CommitQueue
  readonly #fanOut: FanOut
  readonly #changes: Changes
  #closing: Promise<void> | undefined

  private constructor(log: LogFile, head: Dump<JsonValue>, options: OpenOptions<T>) {
    this.#log = log
    this.#changes = new Changes(log.size.snapshot + log.size.tail, options.sizes)
    this.#fanOut = new FanOut(() => this.#queue.published, head.id)
    this.#queue = new CommitQueue(
      log,
      head,
      (revision) => this.#fanOut.publish(revision),
      options.onCompactionError,
    )
  }

  /**
   * Opens or creates a database file, locks it and brings its document up to date. Throws `Locked`, `Foreign`,
   * `Corrupt`, `Unsupported`, `MigrationFailed` or `Io`; then the file is as it was.
   */
  static async open<T>(path: string, options: OpenOptions<T> = {}): Promise<PatchDb<T>> {
    const initial = adoptDocument(options.initial ?? null, options.sizes)
    const { log, head, recovery, migrated } = await openLog(path, initial, options.migrations)
    if (recovery !== undefined) options.onRecover?.(recovery)
    if (migrated !== null) options.onMigrate?.(migrated)
    return new PatchDb<T>(log, head, options)
  }

  get path(): string {
    return this.#log.path
  }

  /** Number of revisions since the file was created, as far as they are visible. */
  get sequence(): number {
    return this.#queue.published.id
  }

  /** The whole document, frozen; costs nothing. */
  peek(): T {
    return this.#queue.published.value as T
  }

  /** The value at a JSON pointer, or undefined. Throws `InvalidPointer`. */
  get(pointer: string): JsonValue | undefined {
    return valueAt(this.#queue.published.value, parsePointer(pointer))
  }

  /** False for a missing value and for null. */
  exists(pointer: string): boolean {
    return (this.get(pointer) ?? null) !== null
  }

  /** Names of the members at a pointer; none if it holds no object. */
  keys(pointer: string): string[] {
    const value = this.get(pointer)
    return isObject(value) ? Object.keys(value) : []
  }

  /** The value at a pointer (null if missing) with the sequence that it belongs to. */
  dump(pointer: string): Dump {
    return { id: this.sequence, value: this.get(pointer) ?? null }
  }

  /**
   * Changes the document by writing to a draft of it. `write` runs at once and alone; it must not be async. The
   * promise settles when the change is on disk. If `write` throws, nothing happened and the error passes through.
   * Throws `InvalidValue` if a written value is no JSON, `TooLarge`, `NestedMutate` inside another change, and `Io`
   * if the disk refuses (then nothing happened either).
   */
  async mutate<R>(write: (draft: T) => R, options: CommitOptions = {}): Promise<Mutated<R>> {
    this.#assertOpen()
    const change = this.#changes.mutate<R>(this.#queue.head.value, write as (draft: never) => R)
    return { result: change.result, revision: await this.#commit(change, options) }
  }

  /**
   * Replaces the value at a pointer; only what differs becomes part of the revision. Its parent must exist. Throws
   * as `apply` does.
   */
  async put(pointer: string, value: unknown, options: CommitOptions = {}): Promise<Revision | null> {
    this.#assertOpen()
    return this.#commit(this.#changes.put(this.#queue.head.value, pointer, value), options)
  }

  /**
   * Applies a patch, whole or not at all; the revision is the smallest patch with the same effect. Throws
   * `InvalidPatch`, `PatchDoesNotFit`, `InvalidPointer`, `InvalidValue`, `TooLarge`, `NestedMutate` and `Io`.
   */
  async apply(patch: Patch, options: CommitOptions = {}): Promise<Revision | null> {
    this.#assertOpen()
    return this.#commit(this.#changes.apply(this.#queue.head.value, patch), options)
  }

  /** Follows the value at a pointer or a typed path. Close the watcher when done with it. */
  watch(pointer: string): Watcher<JsonValue | undefined>
  watch(path: Path0): Watcher<T>
  watch<const A extends Key<T>>(path: Path1<A>): Watcher<At<T, A>>
  watch<const A extends Key<T>, const B extends Key<At<T, A>>>(path: Path2<A, B>): Watcher<At2<T, A, B>>
  watch<const A extends Key<T>, const B extends Key<At<T, A>>, const C extends Key<At2<T, A, B>>>(
    path: Path3<A, B, C>,
  ): Watcher<At3<T, A, B, C>>
  watch<
    const A extends Key<T>,
    const B extends Key<At<T, A>>,
    const C extends Key<At2<T, A, B>>,
    const D extends Key<At3<T, A, B, C>>,
  >(path: Path4<A, B, C, D>): Watcher<At4<T, A, B, C, D>>
  watch<
    const A extends Key<T>,
    const B extends Key<At<T, A>>,
    const C extends Key<At2<T, A, B>>,
    const D extends Key<At3<T, A, B, C>>,
    const E extends Key<At4<T, A, B, C, D>>,
  >(path: Path5<A, B, C, D, E>): Watcher<At5<T, A, B, C, D, E>>
  watch<
    const A extends Key<T>,
    const B extends Key<At<T, A>>,
    const C extends Key<At2<T, A, B>>,
    const D extends Key<At3<T, A, B, C>>,
    const E extends Key<At4<T, A, B, C, D>>,
    const F extends Key<At5<T, A, B, C, D, E>>,
  >(path: Path6<A, B, C, D, E, F>): Watcher<At6<T, A, B, C, D, E, F>>
  watch(where: string | readonly Segment[]): Watcher<unknown> {
    this.#assertOpen()
    const pointer = typeof where === 'string' ? where : formatPointer(where)
    return this.#fanOut.watch(parsePointer(pointer)) as Watcher<unknown>
  }

  /** Revisions that touch `pointer`, from now on, with paths relative to it. */
  subscribe(pointer: string, limits?: Partial<SubscriptionLimits>): Subscription {
    this.#assertOpen()
    return this.#fanOut.subscribe(pointer, limits)
  }

  /** A dump and the subscription that continues it: no revision is missing between them, none comes twice. */
  dumpAndSubscribe(pointer: string, limits?: Partial<SubscriptionLimits>): Subscribed {
    const subscription = this.subscribe(pointer, limits)
    return { dump: this.dump(pointer), subscription }
  }

  /**
   * Continues a subscription that has seen everything up to `since.id`: what it missed comes first. Null where that
   * is no longer known, or `since` is of another opening of the database; then it takes a dump.
   */
  resume(pointer: string, since: Position, limits?: Partial<SubscriptionLimits>): Subscription | null {
    this.#assertOpen()
    return since.epoch === this.epoch ? this.#fanOut.resume(pointer, since.id, limits) : null
  }

  /** Makes sure that every subscriber hears of `sequence`, if need be by an empty revision after its queue. */
  publishFence(sequence: number): void {
    this.#fanOut.raiseFence(sequence)
  }

  /** Rewrites the file as one snapshot; done by itself whenever the log outgrows the snapshot. */
  compact(): Promise<void> {
    this.#assertOpen()
    return this.#queue.compact()
  }

  /** Ends all watchers and subscriptions, brings every commit to disk and releases the file. */
  close(): Promise<void> {
    this.#closing ??= this.#finish()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #finish(): Promise<void> {
    try {
      await this.#queue.finish()
    } finally {
      this.#fanOut.close()
      await this.#log.close()
    }
  }

  async #commit({ value, patch }: Change, options: CommitOptions): Promise<Revision | null> {
    if (patch.length === 0) {
      if (this.#queue.head.id !== this.#queue.published.id) await this.#queue.settled()
      return null
    }
    const revision: Revision = Object.freeze({ id: this.#queue.head.id + 1, patch: Object.freeze(patch) })
    await this.#queue.commit(revision, value, options.durable ?? true)
    return revision
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw closedError()
  }
}
