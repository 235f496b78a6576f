import { ScopedRevision } from './encoding.ts'

/** How far a consumer may fall behind before it is cut off. */
export type SubscriptionLimits = {
  /** Revisions that may wait for a slow consumer. */
  readonly revisions: number
  /** Characters of their JSON text that may wait. */
  readonly characters: number
}

export const DEFAULT_LIMITS: SubscriptionLimits = { revisions: 4096, characters: 16 * 1024 * 1024 }

/**
 * The revisions below one pointer, from a known sequence on, in order. A consumer that falls too far behind is cut
 * off: the queue is emptied, `lagged` is set and the stream ends, and it has to begin again with a dump.
 */
export class Subscription implements AsyncIterable<ScopedRevision>, Disposable {
  /** Set when the stream ended because the consumer was too slow. */
  lagged = false
  /** Called, for a consumer that takes, whenever there may be something to take, and at the end. Must not throw. */
  onWake: (() => void) | undefined
  #queue: ScopedRevision[] = []
  #characters = 0
  #lastSent: number
  #fence = 0
  #closed = false
  #waker: PromiseWithResolvers<void> | undefined
  readonly #limits: SubscriptionLimits
  readonly #release: (subscription: Subscription) => void

  constructor(
    from: number,
    limits: SubscriptionLimits,
    release: (subscription: Subscription) => void,
    missed: readonly ScopedRevision[] = [],
  ) {
    this.#lastSent = from
    this.#limits = limits
    this.#release = release
    for (const revision of missed) this.push(revision)
  }

  /** True once no more revisions will come. */
  get closed(): boolean {
    return this.#closed
  }

  /** Revisions that can be taken without waiting. */
  get pending(): number {
    return this.#queue.length
  }

  /**
   * The next revision, or a fence: an empty revision that only says that everything up to its id was delivered.
   * Null once the subscription is closed or `lagged`. Rejects with the signal's reason.
   */
  async next(signal?: AbortSignal): Promise<ScopedRevision | null> {
    for (;;) {
      signal?.throwIfAborted()
      const ready = this.take()
      if (ready !== undefined) return ready
      if (!(await this.ready(signal))) return null
    }
  }

  /** Resolves when there may be something to take, or the signal aborts; with false when nothing will come. */
  async ready(signal?: AbortSignal): Promise<boolean> {
    if (this.#closed) return false
    if (this.#queue.length > 0 || this.#isBehindFence) return true
    this.#waker ??= Promise.withResolvers()
    const waker = this.#waker
    const abort = () => waker.resolve()
    signal?.addEventListener('abort', abort, { once: true })
    await waker.promise
    signal?.removeEventListener('abort', abort)
    if (this.#waker === waker) this.#waker = undefined
    return signal?.aborted === true || !this.#closed
  }

  /** As `next`, for consumers that do not wait: undefined if nothing is due. */
  take(): ScopedRevision | undefined {
    if (this.#closed) return undefined
    const queued = this.#queue.shift()
    if (queued !== undefined) this.#characters -= queued.encoded.length
    const revision = queued ?? this.#dueFence()
    if (revision !== undefined) this.#lastSent = revision.id
    return revision
  }

  async *[Symbol.asyncIterator](): AsyncIterator<ScopedRevision> {
    try {
      for (let next = await this.next(); next !== null; next = await this.next()) yield next
    } finally {
      this.close()
    }
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#queue = []
    this.#release(this)
    this.#wake()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  /** Called by the store with each revision that concerns this subscription. */
  push(revision: ScopedRevision): void {
    if (this.#closed) return
    this.#queue.push(revision)
    this.#characters += revision.encoded.length
    if (this.#queue.length > this.#limits.revisions || this.#characters > this.#limits.characters) {
      this.cutOff()
    } else this.#wake()
  }

  /** Ends the stream in a way that tells the consumer to begin again with a dump. */
  cutOff(): void {
    if (this.#closed) return
    this.lagged = true
    this.close()
  }

  /** Called by the store: once drained, the consumer must have heard of this sequence. */
  raiseFence(sequence: number): void {
    if (sequence <= this.#fence) return
    this.#fence = sequence
    this.#wake()
  }

  /** The fence is state, not an event: it is due whenever the queue is empty and the consumer is behind it. */
  #dueFence(): ScopedRevision | undefined {
    return this.#isBehindFence ? new ScopedRevision(this.#fence, this.#lastSent, []) : undefined
  }

  get #isBehindFence(): boolean {
    return this.#lastSent < this.#fence
  }

  #wake(): void {
    this.#waker?.resolve()
    this.onWake?.()
  }
}
