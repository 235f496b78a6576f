import { setTimeout as wait } from 'node:timers/promises'
import type { Metrics } from '@startd/base/rpc/server.ts'
import { type CpuTimes, measure, readCpuTimes } from './metrics.ts'

/** How often followers hear of load and memory. */
const INTERVAL = 4000
/** A processor share needs some time between two looks. */
const SHORTEST_LOOK = 250

/** Load and memory of the machine; measured only while somebody looks. */
export class MetricsWatch {
  readonly #dataDir: string
  #last: { at: number; times: CpuTimes } | null = null

  constructor(dataDir: string) {
    this.#dataDir = dataDir
  }

  async current(): Promise<Metrics> {
    const known = this.#last
    if (known === null || performance.now() - known.at < SHORTEST_LOOK) {
      this.#last ??= { at: performance.now(), times: await readCpuTimes() }
      await wait(SHORTEST_LOOK)
    }
    const since = this.#last ?? { at: 0, times: await readCpuTimes() }
    const times = await readCpuTimes()
    this.#last = { at: performance.now(), times }
    return measure(this.#dataDir, since.times, times)
  }

  /** A new measurement every few seconds until the signal aborts. */
  async *follow(signal: AbortSignal): AsyncGenerator<Metrics> {
    while (!signal.aborted) {
      await wait(INTERVAL, undefined, { signal })
      yield await this.current()
    }
  }
}
