import { z } from 'zod'

/** Values over time, in slots of equal length. A slot holds the mean and the highest of what came in it. */
export class Ring {
  /** Seconds of one slot. */
  readonly step: number
  readonly #slots: number
  readonly #series: number
  /** Which slot since 1970 a place holds; 0 none. */
  readonly #times: Float64Array<ArrayBuffer>
  readonly #counts: Uint16Array<ArrayBuffer>
  readonly #means: Float32Array<ArrayBuffer>
  readonly #highest: Float32Array<ArrayBuffer>

  constructor(step: number, slots: number, series: number) {
    this.step = step
    this.#slots = slots
    this.#series = series
    this.#times = new Float64Array(slots)
    this.#counts = new Uint16Array(slots * series)
    this.#means = new Float32Array(slots * series)
    this.#highest = new Float32Array(slots * series)
  }

  /** `values` in the order of the series; null where there is none. `at` in milliseconds since 1970. */
  add(at: number, values: readonly (number | null)[]): void {
    const slot = Math.floor(at / 1000 / this.step)
    const place = slot % this.#slots
    const row = place * this.#series
    if (this.#times[place] !== slot) {
      this.#times[place] = slot
      this.#counts.fill(0, row, row + this.#series)
    }
    values.forEach((value, index) => {
      if (value === null || !Number.isFinite(value)) return
      const cell = row + index
      const count = Math.min((this.#counts[cell] ?? 0) + 1, 0xffff)
      const mean = count === 1 ? 0 : (this.#means[cell] ?? 0)
      this.#counts[cell] = count
      this.#means[cell] = mean + (value - mean) / count
      this.#highest[cell] = count === 1 ? value : Math.max(this.#highest[cell] ?? value, value)
    })
  }

  /** The slots up to `now` that are still kept, from the oldest that holds something; `start` is its beginning. */
  read(now: number): { start: number; length: number; mean: Column; highest: Column } {
    const last = Math.floor(now / 1000 / this.step)
    let first = last + 1
    for (const slot of this.#times) if (slot > last - this.#slots && slot < first && slot > 0) first = slot
    const length = last + 1 - first
    const column =
      (values: Float32Array): Column =>
      (series) =>
        Array.from({ length }, (_, index) => {
          const place = (first + index) % this.#slots
          const cell = place * this.#series + series
          if (this.#times[place] !== first + index || this.#counts[cell] === 0) return null
          return values[cell] ?? null
        })
    return {
      start: first * this.step * 1000,
      length,
      mean: column(this.#means),
      highest: column(this.#highest),
    }
  }

  /** What `restore` takes. */
  get content(): RingContent {
    return {
      step: this.step,
      times: this.#times,
      counts: this.#counts,
      means: this.#means,
      highest: this.#highest,
    }
  }

  /** Takes up what an earlier run kept; false for what does not fit, which is let be. */
  restore({ step, times, counts, means, highest }: RingContent): boolean {
    const fits =
      step === this.step &&
      times.length === this.#times.length &&
      [counts, means, highest].every(({ length }) => length === this.#counts.length)
    if (!fits) return false
    this.#times.set(times)
    this.#counts.set(counts)
    this.#means.set(means)
    this.#highest.set(highest)
    return true
  }
}

/** One series, slot by slot; null where nothing came. */
type Column = (series: number) => (number | null)[]

export const RingContent = z.object({
  step: z.number(),
  times: z.instanceof(Float64Array),
  counts: z.instanceof(Uint16Array),
  means: z.instanceof(Float32Array),
  highest: z.instanceof(Float32Array),
})
export type RingContent = z.infer<typeof RingContent>
