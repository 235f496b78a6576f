import { setTimeout as delay } from 'node:timers/promises'

/** Passes on the newest of many values at most once per `interval` ms, one at a time. */
export class Throttle<T> {
  readonly #interval: number
  readonly #pass: (value: T) => Promise<void> | void
  #latest: { value: T } | null = null
  #running: Promise<void> | null = null
  #stopped = new AbortController()

  constructor(interval: number, pass: (value: T) => Promise<void> | void) {
    this.#interval = interval
    this.#pass = pass
  }

  push(value: T): void {
    if (this.#stopped.signal.aborted) return
    this.#latest = { value }
    this.#running ??= this.#drain()
      // What cannot be reported is no reason to end the work that it reports.
      .catch(() => undefined)
      .finally(() => {
        this.#running = null
      })
  }

  /** Passes on what is still waiting, without further delay, and takes nothing more. */
  async finish(): Promise<void> {
    this.#stopped.abort()
    await this.#running
  }

  async #drain(): Promise<void> {
    while (this.#latest) {
      const { value } = this.#latest
      this.#latest = null
      await this.#pass(value)
      await delay(this.#interval, undefined, { signal: this.#stopped.signal }).catch(() => undefined)
    }
  }
}
