import { AbortedError, leaveSignal, orAborted } from './abort.ts'
import type { Effects } from './effects.ts'
import { deepEqual } from './values/deep.ts'

/** Reads the present value; calls `changed` at least once when a later read may differ, until `stop` aborts. */
export type Fetch<Raw> = (changed?: () => void, stop?: AbortSignal) => Promise<Raw>

/** Told of each change; answers whether to stop listening. */
export type OnChange<T> = (
  value: T | undefined,
  error?: Error,
) => { cancel: boolean } | Promise<{ cancel: boolean }>

export interface WatchOptions<Raw, Mapped> {
  map?: ((raw: Raw) => Mapped) | undefined
  eq?: ((a: Mapped, b: Mapped) => boolean) | undefined
}

/** A value that can be read once, kept constant, or followed (sdk.md §2.3). */
export class Watchable<Raw, Mapped = Raw> {
  readonly effects: Effects
  readonly fetch: Fetch<Raw>
  readonly map: (raw: Raw) => Mapped
  readonly eq: (a: Mapped, b: Mapped) => boolean

  constructor(effects: Effects, fetch: Fetch<Raw>, options: WatchOptions<Raw, Mapped> = {}) {
    this.effects = effects
    this.fetch = fetch
    // Without `map` both types are the same one.
    this.map = options.map ?? ((raw) => raw as unknown as Mapped)
    this.eq = options.eq ?? deepEqual
  }

  /** The present value; later changes go unnoticed. */
  async once(): Promise<Mapped> {
    return this.map(await this.fetch())
  }

  /** The present value; when it changes, the enclosing function runs again from the top. */
  async const(): Promise<Mapped> {
    const retry = this.effects.constRetry
    if (!retry) return this.once()
    const stop = new AbortController()
    const values = this.watch(stop.signal)
    const first = await values.next()
    values
      .next()
      .then(() => {
        stop.abort()
        retry()
      })
      .catch(reportUnlessAborted)
    return first.value
  }

  /** Every changed value, the present one first. Throws {@link AbortedError} when the context is left. */
  async *watch(abort?: AbortSignal): AsyncGenerator<Mapped, never, unknown> {
    const left = leaveSignal(this.effects, abort)
    let last: { value: Mapped } | null = null
    for (;;) {
      let changed = () => {}
      const change = new Promise<void>((resolve) => (changed = resolve))
      const value = this.map(await orAborted(left, this.fetch(changed, left)))
      if (!last || !this.eq(last.value, value)) {
        last = { value }
        yield value
      }
      await orAborted(left, change)
    }
  }

  /** Calls back for every changed value until it answers `cancel: true` or the context is left. */
  onChange(callback: OnChange<Mapped>): void {
    void (async () => {
      const stop = new AbortController()
      try {
        for await (const value of this.watch(stop.signal)) {
          const answer = await attempt(() => callback(value))
          if (answer?.cancel) return stop.abort()
        }
      } catch (error) {
        if (error instanceof AbortedError) return
        await attempt(() => callback(undefined, asError(error)))
      }
    })()
  }

  /** The first value, now or later, that the predicate accepts. */
  async waitFor(accepts: (value: Mapped) => boolean): Promise<Mapped> {
    const stop = new AbortController()
    try {
      for await (const value of this.watch(stop.signal)) if (accepts(value)) return value
    } finally {
      stop.abort()
    }
    throw new AbortedError()
  }
}

export function asError(value: unknown): Error {
  return value instanceof Error ? value : new Error(String(value))
}

export function reportUnlessAborted(error: unknown): void {
  if (!(error instanceof AbortedError)) console.error(error)
}

async function attempt<T>(run: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await run()
  } catch (error) {
    console.error('a callback of onChange failed:', error)
    return undefined
  }
}
