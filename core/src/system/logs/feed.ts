import { CodedError } from '@startd/base/errors.ts'

/** Values that may wait for a slow reader before it is let go. */
const MOST_WAITING = 10_000

interface Reader<T> {
  readonly waiting: T[]
  changed: PromiseWithResolvers<void>
  /** Why nothing more comes; undefined while something may. */
  end: { readonly error: unknown } | undefined
}

/** One stream for all who follow it: it runs while somebody does, and nobody waits for a slow one. */
export class Feed<T, From> {
  readonly #open: (from: From, signal: AbortSignal) => AsyncIterable<T>
  readonly #readers = new Set<Reader<T>>()
  #running: AbortController | null = null

  /** `open` begins the stream at the place that its first reader wants. */
  constructor(open: (from: From, signal: AbortSignal) => AsyncIterable<T>) {
    this.#open = open
  }

  /** What comes from now on, until the signal aborts. A stream that runs already begins where it is. */
  join(from: From, signal: AbortSignal): AsyncGenerator<T> {
    const reader: Reader<T> = { waiting: [], changed: Promise.withResolvers(), end: undefined }
    this.#readers.add(reader)
    const leave = () => this.#leave(reader, null)
    signal.addEventListener('abort', leave, { once: true })
    if (signal.aborted) leave()
    else if (this.#running === null) {
      const running = new AbortController()
      this.#running = running
      void this.#run(from, running)
    }
    return read(reader, leave)
  }

  async #run(from: From, running: AbortController): Promise<void> {
    let error: unknown = null
    try {
      for await (const value of this.#open(from, running.signal)) {
        if (this.#running !== running) return
        for (const reader of this.#readers) this.#give(reader, value)
      }
    } catch (cause) {
      error = cause
    }
    if (this.#running !== running) return
    this.#running = null
    for (const reader of [...this.#readers]) this.#leave(reader, error)
  }

  #give(reader: Reader<T>, value: T): void {
    if (reader.waiting.length >= MOST_WAITING) {
      this.#leave(reader, new CodedError('Timeout', 'This reader is too slow for what comes'))
      return
    }
    reader.waiting.push(value)
    reader.changed.resolve()
  }

  #leave(reader: Reader<T>, error: unknown): void {
    if (!this.#readers.delete(reader)) return
    reader.end = { error }
    reader.changed.resolve()
    if (this.#readers.size > 0) return
    this.#running?.abort()
    this.#running = null
  }
}

async function* read<T>(reader: Reader<T>, leave: () => void): AsyncGenerator<T> {
  try {
    for (;;) {
      yield* reader.waiting.splice(0)
      if (reader.waiting.length > 0) continue
      if (reader.end?.error) throw reader.end.error
      if (reader.end) return
      await reader.changed.promise
      reader.changed = Promise.withResolvers()
    }
  } finally {
    leave()
  }
}
