import { setTimeout as delay } from 'node:timers/promises'
import { CodedError } from '@startd/base/errors.ts'
import { type HttpOptions, S9pkError, TransferError } from '@startd/base/s9pk/index.ts'
import { boundedFetch } from './bounded-fetch.ts'
import { Mirror } from './mirror.ts'

const RETRY_DELAY = 500
const LONGEST_DELAY = 30_000

export interface Patience {
  /** Milliseconds after which a silent server is given up. */
  patience?: number
  /** Pause in milliseconds before a server that failed is asked again; doubled with each failure. */
  retryDelay?: number
}

/** The addresses of one package, best first: what fails on one is tried on the next. */
export class Mirrors {
  readonly all: readonly Mirror[]
  readonly http: HttpOptions
  readonly #retryDelay: number
  readonly #signal: AbortSignal | undefined

  constructor(urls: readonly string[], patience: Patience, signal?: AbortSignal) {
    if (urls.length === 0)
      throw new CodedError('InvalidRequest', 'there is no address to download this package from')
    this.http = {
      fetch: boundedFetch,
      ...(patience.patience !== undefined && { patience: patience.patience }),
      ...(signal && { signal }),
    }
    this.all = [...new Set(urls)].map((url) => new Mirror(url, this.http))
    this.#retryDelay = patience.retryDelay ?? RETRY_DELAY
    this.#signal = signal
  }

  /** Works with one mirror after another until one does it, each up to `attempts` times in a row; null when none is left. */
  async use<T>(
    fits: (mirror: Mirror) => boolean,
    attempts: number,
    work: (mirror: Mirror) => Promise<T>,
  ): Promise<T | null> {
    for (;;) {
      const mirror = this.#best((one) => fits(one) && !one.dead && one.failures < attempts)
      if (!mirror) return null
      if (mirror.failures > 0) await this.#pause(mirror.failures)
      try {
        return await work(mirror)
      } catch (error) {
        if (!mirror.failed(error)) throw error
      }
    }
  }

  #best(usable: (mirror: Mirror) => boolean): Mirror | undefined {
    return this.all.filter(usable).toSorted((a, b) => a.failures - b.failures)[0]
  }

  async #pause(failures: number): Promise<void> {
    const ms = Math.min(this.#retryDelay * 2 ** (failures - 1), LONGEST_DELAY)
    await delay(ms, undefined, this.#signal ? { signal: this.#signal } : {}).catch((cause: unknown) => {
      throw new CodedError('Cancelled', 'the transfer was cancelled', { cause })
    })
  }

  /** Why none of them could serve. */
  verdict(): Error {
    const errors = this.all.flatMap(({ lastError }) => lastError ?? [])
    const [first] = errors
    if (first && errors.every((error) => error instanceof S9pkError)) return first
    const [only] = this.all
    if (only?.lastError && this.all.length === 1) return only.lastError
    const list = this.all.map(({ url, lastError }) => `${url}: ${detailsOf(lastError)}`)
    return new TransferError(
      'unreachable',
      `the package could not be downloaded from any of its ${list.length} addresses. ${list.join('; ')}`,
      { cause: first },
    )
  }
}

function detailsOf(error: Error | null): string {
  if (!error) return 'not tried'
  return error instanceof CodedError ? error.details : error.message
}
