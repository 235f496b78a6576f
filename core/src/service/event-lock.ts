/**
 * Lets one event at a time through. Work of the event that holds the lock passes at once, so that
 * an action that calls its own service back does not wait for itself (service-runtime.md §6.2).
 */
export class EventLock {
  #holder: { eventId: string; users: number } | null = null
  readonly #waiting: { eventId: string; enter: () => void }[] = []

  async run<R>(eventId: string, work: () => Promise<R>): Promise<R> {
    await this.#enter(eventId)
    try {
      return await work()
    } finally {
      this.#leave()
    }
  }

  #enter(eventId: string): Promise<void> {
    this.#holder ??= { eventId, users: 0 }
    if (this.#holder.eventId === eventId) {
      this.#holder.users++
      return Promise.resolve()
    }
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waiting.push({ eventId, enter: resolve })
    return promise
  }

  #leave(): void {
    if (this.#holder === null || --this.#holder.users > 0) return
    const next = this.#waiting.shift()
    this.#holder = next ? { eventId: next.eventId, users: 1 } : null
    next?.enter()
  }
}
