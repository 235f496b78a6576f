import type { Effects } from '../effects.ts'
import { type Fetch, type OnChange, type WatchOptions, Watchable } from '../watchable.ts'

/** Ways to read a file, or the part of it that `map` picks. */
export interface FileReader<T> {
  once(): Promise<T | null>
  const(effects: Effects): Promise<T | null>
  watch(effects: Effects, abort?: AbortSignal): AsyncGenerator<T | null, never, unknown>
  onChange(effects: Effects, callback: OnChange<T | null>): void
  waitFor(effects: Effects, accepts: (value: T | null) => boolean): Promise<T | null>
}

/** Told of every value that was read as a constant. */
export type OnConst<Raw> = (effects: Effects, check: (now: Raw | null) => boolean) => void

export function fileReader<Raw, T>(
  fetch: Fetch<Raw | null>,
  options: WatchOptions<Raw | null, T | null>,
  onConst: OnConst<Raw>,
): FileReader<T> {
  const watchable = (effects: Effects) => new Watchable<Raw | null, T | null>(effects, fetch, options)
  return {
    async once() {
      const raw = await fetch()
      return options.map ? options.map(raw) : (raw as T | null)
    },
    async const(effects) {
      const source = watchable(effects)
      const value = await source.const()
      onConst(effects, (now) => source.eq(value, source.map(now)))
      return value
    },
    watch: (effects, abort) => watchable(effects).watch(abort),
    onChange: (effects, callback) => watchable(effects).onChange(callback),
    waitFor: (effects, accepts) => watchable(effects).waitFor(accepts),
  }
}
