import { CodedError } from '@startd/base/errors.ts'
import { clientOf } from './client-address.ts'

/** Wrong attempts that cost nothing: everybody mistypes. */
const FREE_ATTEMPTS = 3
const FIRST_DELAY = 20_000
const LONGEST_DELAY = 15 * 60_000
/** All clients together: guessing from many addresses must not get far either. */
const GLOBAL_LIMIT = 60
const GLOBAL_WINDOW = 60_000
const REMEMBERED_CLIENTS = 4096

interface Attempts {
  count: number
  last: number
}

/**
 * Slows down guessing. After three attempts without success a client waits 20 s, then twice as long
 * each time, up to a quarter of an hour; a success forgets it all. Others are not kept out by it.
 */
export class LoginLimiter {
  readonly #clients = new Map<string, Attempts>()
  readonly #recent: number[] = []
  readonly #now: () => number

  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  /** Counts an attempt, before the password is looked at; throws RateLimited with `info.retryAfter` in seconds. */
  admit(address: string): void {
    const now = this.#now()
    while (this.#recent.length > 0 && now - (this.#recent[0] ?? now) >= GLOBAL_WINDOW) this.#recent.shift()
    const client = clientOf(address)
    const attempts = this.#clients.get(client) ?? { count: 0, last: now }
    const wait = attempts.last + delayAfter(attempts.count) - now
    if (attempts.count >= FREE_ATTEMPTS && wait > 0) throw tooMany(wait)
    if (this.#recent.length >= GLOBAL_LIMIT) throw tooMany((this.#recent[0] ?? now) + GLOBAL_WINDOW - now)
    this.#recent.push(now)
    this.#clients.delete(client)
    this.#clients.set(client, { count: attempts.count + 1, last: now })
    if (this.#clients.size > REMEMBERED_CLIENTS) this.#forgetOldest()
  }

  succeeded(address: string): void {
    this.#clients.delete(clientOf(address))
  }

  #forgetOldest(): void {
    for (const client of this.#clients.keys()) {
      this.#clients.delete(client)
      return
    }
  }
}

function delayAfter(attempts: number): number {
  if (attempts < FREE_ATTEMPTS) return 0
  return Math.min(FIRST_DELAY * 2 ** (attempts - FREE_ATTEMPTS), LONGEST_DELAY)
}

function tooMany(milliseconds: number): CodedError {
  const retryAfter = Math.ceil(milliseconds / 1000)
  return new CodedError(
    'RateLimited',
    `Try again in ${retryAfter} ${retryAfter === 1 ? 'second' : 'seconds'}`,
    {
      info: { retryAfter },
    },
  )
}
