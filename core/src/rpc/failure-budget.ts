import { CodedError } from '@startd/base/errors.ts'
import { clientOf } from './client-address.ts'

const WINDOW = 60_000
const PER_CLIENT = 20
const ALTOGETHER = 200

/** Bounds how many failures of a costly check a client, and all of them together, may cause within a minute. */
export class FailureBudget {
  readonly #clients = new Map<string, number>()
  readonly #now: () => number
  #since = 0
  #total = 0

  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  /** Throws RateLimited, with `info.retryAfter` in seconds, for a client that has none left. */
  demand(address: string): void {
    const age = this.#now() - this.#since
    if (age >= WINDOW) {
      this.#clients.clear()
      this.#total = 0
      this.#since = this.#now()
    } else if ((this.#clients.get(clientOf(address)) ?? 0) >= PER_CLIENT || this.#total >= ALTOGETHER) {
      const retryAfter = Math.ceil((WINDOW - age) / 1000)
      throw new CodedError('RateLimited', `Try again in ${retryAfter} seconds`, { info: { retryAfter } })
    }
  }

  spend(address: string): void {
    const client = clientOf(address)
    this.#clients.set(client, (this.#clients.get(client) ?? 0) + 1)
    this.#total++
  }
}
