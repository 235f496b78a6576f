import { closedError } from './commit-queue.ts'

/** Where a watcher reads its value, and how it says that it needs no more wake-ups. */
export type WatchSource<V> = { readonly read: () => V; readonly release: () => void }

/** A method rather than a property, so that a watcher of a narrow type passes for one of a wider type. */
type Listening<V> = { listener(this: void, value: V): void }

/**
 * Follows one value of the document. It keeps no queue: however many revisions pass, a slow reader sees the latest
 * value once. Values are immutable snapshots; undefined stands for a missing one.
 */
export class Watcher<V> implements AsyncIterable<V>, Disposable {
  readonly #source: WatchSource<V>
  #seen: { readonly value: V } | undefined
  #closed = false
  #wakers = new Set<PromiseWithResolvers<void>>()
  #listeners: readonly Listening<V>[] = []

  constructor(source: WatchSource<V>) {
    this.#source = source
  }

  /** The value now; `changed` still reports it. */
  peek(): V {
    return this.#source.read()
  }

  /** The value now; `changed` waits for the next one. */
  peekAndMarkSeen(): V {
    const value = this.#source.read()
    this.#seen = { value }
    return value
  }

  /**
   * Resolves with the value as soon as it differs from the one last seen; at once if none was seen yet.
   * Rejects with the signal's reason, or with code `Closed`.
   */
  async changed(signal?: AbortSignal): Promise<V> {
    for (;;) {
      signal?.throwIfAborted()
      if (this.#closed) throw closedError()
      const value = this.#source.read()
      if (this.#seen === undefined || this.#seen.value !== value) return this.peekAndMarkSeen()
      await this.#wakeUp(signal)
    }
  }

  /** Every value that was new when the consumer came for it; ends when the watcher or the database closes. */
  async *[Symbol.asyncIterator](): AsyncIterator<V> {
    try {
      while (!this.#closed) {
        const value = this.#source.read()
        if (this.#seen === undefined || this.#seen.value !== value) yield this.peekAndMarkSeen()
        else await this.#wakeUp()
      }
    } finally {
      this.close()
    }
  }

  /**
   * Calls `listener` with each value that is new from now on, as soon as others may see it and before the mutation's
   * promise settles: the cheapest way to follow a value. What it throws is an uncaught error of the program, and
   * keeps neither the commit nor other listeners. What a listener has heard counts as seen. It ends with the watcher.
   */
  listen(listener: (value: V) => void): void {
    if (this.#closed) throw closedError()
    if (this.#listeners.length === 0) this.peekAndMarkSeen()
    this.#listeners = [...this.#listeners, { listener }]
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#listeners = []
    this.#source.release()
    this.#resume()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  /** Called by the store when something at, above or below the path was written; `value` is what it reads now. */
  wake(value: V): void {
    if (this.#listeners.length > 0 && (this.#seen === undefined || this.#seen.value !== value)) {
      this.#seen = { value }
      for (const { listener } of this.#listeners) tell(listener, value)
    }
    if (this.#wakers.size > 0) this.#resume()
  }

  #resume(): void {
    const wakers = this.#wakers
    this.#wakers = new Set()
    for (const waker of wakers) waker.resolve()
  }

  async #wakeUp(signal?: AbortSignal): Promise<void> {
    const waker = Promise.withResolvers<void>()
    const abort = () => waker.resolve()
    this.#wakers.add(waker)
    signal?.addEventListener('abort', abort, { once: true })
    await waker.promise
    signal?.removeEventListener('abort', abort)
    this.#wakers.delete(waker)
  }
}

function tell<V>(listener: (value: V) => void, value: V): void {
  try {
    listener(value)
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}
