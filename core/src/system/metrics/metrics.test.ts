import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { METRIC_SERIES, Metrics } from '@startd/base/rpc/server-metrics.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { MetricsStore } from './history.ts'
import { metricsOf } from './leaves.ts'
import { Ring } from './ring.ts'
import { type Sample, Sampler } from './sampler.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'startd-metrics-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

describe('a look at this machine', () => {
  it('gives every value as text with the decimals of its unit, and never “NaN”', async () => {
    const sampler = new Sampler(directory)
    const metrics = metricsOf(await sampler.take())
    expect(Metrics.parse(metrics)).toEqual(metrics)
    const leaves = Object.values(metrics).flatMap((group) => Object.values(group))
    for (const leaf of leaves) {
      if (leaf === null) continue
      expect(leaf.value).toMatch(leaf.unit === 'MiB' || leaf.unit === 'GB' ? /^\d+\.\d\d$/ : /^-?\d+\.\d$/)
    }
    expect(Number(metrics.memory.total.value)).toBeGreaterThan(0)
    expect(Number(metrics.disk.capacity.value)).toBeGreaterThan(0)
  })
})

/** A machine whose kernel tells exactly this. */
function machine(files: Readonly<Record<string, string>>): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true })
    writeFileSync(join(directory, path), text)
  }
  return directory
}

describe('a machine', () => {
  const card =
    'Inter-| Receive\n face |bytes\n    lo: 9 0 0 0 0 0 0 0 9 0\n  eth0: 1000 0 0 0 0 0 0 0 500 0 0\n'

  it('is as busy as its kernel has counted since the last look', async () => {
    const root = machine({ 'proc/stat': 'cpu  100 0 100 800 0 0 0 0 0 0\n' })
    const sampler = new Sampler(directory, root)
    await sampler.begin()
    machine({ 'proc/stat': 'cpu  110 20 110 840 20 0 0 50 0 0\n' })
    expect((await sampler.take()).cpu).toEqual({ used: 40, user: 30, kernel: 10, idle: 40, wait: 20 })
    expect((await sampler.take()).cpu.used).toBe(0)
  })

  it('counts only real devices, and is as warm as its warmest sensor', async () => {
    const root = machine({
      'proc/net/dev': card,
      'proc/diskstats': '   8 0 sda 1 0 20 0 1 0 10 0\n   7 0 loop0 1 0 999 0 1 0 999 0\n',
      'sys/class/net/eth0/device/vendor': '',
      'sys/class/net/lo/type': '',
      'sys/block/sda/device/model': '',
      'sys/block/loop0/size': '',
      'sys/class/hwmon/hwmon0/temp1_input': '41500\n',
      'sys/class/hwmon/hwmon1/temp1_input': '52250\n',
      'sys/class/hwmon/hwmon2/temp1_input': '',
    })
    const { totals, temperature } = await new Sampler(directory, root).take()
    expect(totals).toEqual({ networkIn: 1000, networkOut: 500, diskRead: 10240, diskWritten: 5120 })
    expect(temperature).toBe(52.25)
  })

  it('without a sensor has no temperature, and used memory is never below nothing', async () => {
    const root = machine({ 'proc/meminfo': 'MemTotal: 100 kB\nMemFree: 60 kB\nCached: 60 kB\nSlab: 10 kB\n' })
    const sample = await new Sampler(directory, root).take()
    expect(sample.temperature).toBeNull()
    expect(metricsOf(sample).general.temperature).toBeNull()
    expect(sample.memory.used).toBe(0)
  })
})

const AT = Date.UTC(2026, 0, 31, 12)
const sample = (at: number, used: number): Sample => ({
  at,
  cpu: { used, user: used, kernel: 0, idle: 100 - used, wait: 0 },
  memory: { total: 100, available: 75, used: 25, swapTotal: 0, swapFree: 0 },
  disk: { used: 1, available: 3 },
  temperature: null,
  load: [0.5, 0, 0],
  rates: { networkIn: 10, networkOut: 20, diskRead: 0, diskWritten: 0 },
  totals: { networkIn: 0, networkOut: 0, diskRead: 0, diskWritten: 0 },
})

describe('the history of a machine', () => {
  it('has the mean and the highest of each step, and gaps where it was off', () => {
    const store = new MetricsStore()
    store.add(sample(AT, 10))
    store.add(sample(AT + 4000, 30))
    store.add(sample(AT + 40_000, 50))
    const { start, step, series } = store.read('hour', AT + 41_000)
    expect([start, step]).toEqual([new Date(AT).toISOString(), 10])
    expect(series.cpu).toEqual({ mean: [20, null, null, null, 50], highest: [30, null, null, null, 50] })
    expect(series.memory.mean[0]).toBe(25)
    expect(series.temperature.mean).toEqual([null, null, null, null, null])
    expect(store.read('day', AT + 41_000).series.cpu).toEqual({ mean: [30], highest: [50] })
  })

  it('forgets what is older than its range, in memory that does not grow', () => {
    const ring = new Ring(10, 6, 1)
    for (let slot = 0; slot < 1000; slot++) ring.add(AT + slot * 10_000, [slot])
    const { length, mean } = ring.read(AT + 999 * 10_000)
    expect([length, mean(0)]).toEqual([6, [994, 995, 996, 997, 998, 999]])
    expect(ring.read(AT + 2000 * 10_000).length).toBe(0)
  })

  it('does not mind a clock that is set back', () => {
    const ring = new Ring(10, 6, 1)
    ring.add(AT + 100_000, [1])
    ring.add(AT, [2])
    expect(ring.read(AT).mean(0)).toEqual([2])
  })

  it('is kept over a restart, and begins anew from a damaged file', async () => {
    const path = join(directory, 'kept', 'history')
    const store = new MetricsStore()
    store.add(sample(AT, 10))
    await store.save(path)
    const next = new MetricsStore()
    expect(await next.load(path)).toBe(true)
    next.add(sample(AT + 4000, 30))
    expect(next.read('hour', AT + 4000).series.cpu.mean).toEqual([20])
    writeFileSync(path, 'damaged')
    const empty = new MetricsStore()
    expect(await empty.load(path)).toBe(false)
    expect(Object.keys(empty.read('month', AT).series)).toEqual([...METRIC_SERIES])
  })
})
