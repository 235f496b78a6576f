import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { deserialize, serialize } from 'node:v8'
import { METRIC_SERIES, type MetricsHistory, type MetricsRange } from '@startd/base/rpc/server-metrics.ts'
import { z } from 'zod'
import { percent } from './leaves.ts'
import { Ring, RingContent } from './ring.ts'
import type { Sample } from './sampler.ts'

/** Seconds of a point, and how many are kept: 10 s for an hour, a minute for a day, a quarter of an hour for 31 days. */
const RINGS = { hour: [10, 360], day: [60, 1440], month: [900, 2976] } as const satisfies Record<
  MetricsRange,
  readonly [number, number]
>

const Stored = z.object({ version: z.literal(1), rings: z.array(RingContent) })

/** How the machine did, for charts: half a megabyte, however long it runs. */
export class MetricsStore {
  readonly #rings = Object.fromEntries(
    Object.entries(RINGS).map(([range, [step, slots]]) => [
      range,
      new Ring(step, slots, METRIC_SERIES.length),
    ]),
  ) as Record<MetricsRange, Ring>

  add(sample: Sample): void {
    const values = valuesOf(sample)
    const row = METRIC_SERIES.map((name) => values[name])
    for (const ring of Object.values(this.#rings)) ring.add(sample.at, row)
  }

  read(range: MetricsRange, now: number): MetricsHistory {
    const ring = this.#rings[range]
    const { start, mean, highest } = ring.read(now)
    const columns = METRIC_SERIES.map((name, index) => [
      name,
      { mean: mean(index).map(rounded), highest: highest(index).map(rounded) },
    ])
    return {
      start: new Date(start).toISOString(),
      step: ring.step,
      series: Object.fromEntries(columns) as MetricsHistory['series'],
    }
  }

  /** Takes up what `save` has left; nothing and what cannot be read is an empty beginning. Answers whether it could. */
  async load(path: string): Promise<boolean> {
    try {
      const { rings } = Stored.parse(deserialize(await readFile(path)))
      return Object.values(this.#rings).every((ring) => rings.some((content) => ring.restore(content)))
    } catch {
      return false
    }
  }

  async save(path: string): Promise<void> {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    const rings = Object.values(this.#rings).map(({ content }) => content)
    await writeFile(`${path}.new`, serialize({ version: 1, rings }), { mode: 0o600 })
    await rename(`${path}.new`, path)
  }
}

function valuesOf({
  cpu,
  memory,
  disk,
  temperature,
  load,
  rates,
}: Sample): Record<(typeof METRIC_SERIES)[number], number | null> {
  return {
    cpu: cpu.used,
    memory: percent(memory.total - memory.available, memory.total),
    disk: percent(disk.used, disk.used + disk.available),
    temperature,
    load: load[0],
    ...rates,
  }
}

const rounded = (value: number | null) => (value === null ? null : Math.round(value * 100) / 100)
