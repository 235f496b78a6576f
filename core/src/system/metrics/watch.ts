import { CodedError } from '@startd/base/errors.ts'
import type { Metrics, MetricsHistory, MetricsRange } from '@startd/base/rpc/server-metrics.ts'
import { MetricsStore } from './history.ts'
import { metricsOf } from './leaves.ts'
import { type Sample, Sampler } from './sampler.ts'

/** How often the machine is looked at, and the time before the first share can be told, in ms (system.md §9.2). */
const INTERVAL = 4000
const FIRST_LOOK = 250
/** How often the history is written: what a crash can lose, in ms. */
const SAVE_EVERY = 15 * 60_000

export interface MetricsWatchOptions {
  /** Its file system is the one that counts. */
  readonly dataDir: string
  /** Where the history outlives a restart. */
  readonly file: string
  readonly warn: (text: string) => void
  readonly sampler?: Sampler
}

/** Looks at the machine every few seconds, keeps how it did, and tells those who follow. */
export class MetricsWatch implements AsyncDisposable {
  readonly #file: string
  readonly #warn: (text: string) => void
  readonly #sampler: Sampler
  readonly #store = new MetricsStore()
  #timer: NodeJS.Timeout
  #working: Promise<void>
  #next = Promise.withResolvers<void>()
  #last: Sample | null = null
  #savedAt = performance.now()

  constructor({ dataDir, file, warn, sampler = new Sampler(dataDir) }: MetricsWatchOptions) {
    this.#file = file
    this.#warn = warn
    this.#sampler = sampler
    this.#working = this.#begin()
    this.#timer = setTimeout(() => this.#tick(), FIRST_LOOK).unref()
  }

  /** The last look at the machine; throws NotFound before the first. */
  get sample(): Sample {
    if (this.#last) return this.#last
    throw new CodedError('NotFound', 'Nothing was measured yet. Ask again in a second')
  }

  current(): Metrics {
    return metricsOf(this.sample)
  }

  /** Fulfils when there is something to tell. */
  async first(): Promise<Metrics> {
    while (this.#last === null) await this.#next.promise
    return metricsOf(this.#last)
  }

  /** Every new look until the signal aborts. */
  async *follow(signal: AbortSignal): AsyncGenerator<Metrics> {
    const ended = Promise.withResolvers<void>()
    signal.addEventListener('abort', () => ended.resolve(), { once: true })
    for (;;) {
      const { promise } = this.#next
      await Promise.race([promise, ended.promise])
      if (signal.aborted) return
      yield this.current()
    }
  }

  history(range: MetricsRange): MetricsHistory {
    return this.#store.read(range, Date.now())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer)
    await this.#working
    await this.#save()
  }

  async #begin(): Promise<void> {
    await this.#store.load(this.#file)
    await this.#try(() => this.#sampler.begin())
  }

  #tick(): void {
    this.#timer = setTimeout(() => this.#tick(), INTERVAL).unref()
    this.#working = this.#working.then(() => this.#try(() => this.#look()))
  }

  async #look(): Promise<void> {
    this.#last = await this.#sampler.take()
    this.#store.add(this.#last)
    const told = this.#next
    this.#next = Promise.withResolvers()
    told.resolve()
    if (performance.now() - this.#savedAt > SAVE_EVERY) await this.#save()
  }

  async #save(): Promise<void> {
    this.#savedAt = performance.now()
    await this.#try(() => this.#store.save(this.#file))
  }

  /** A look that fails is no reason to stop looking. */
  async #try(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      this.#warn(`the machine could not be measured: ${String(error)}`)
    }
  }
}
