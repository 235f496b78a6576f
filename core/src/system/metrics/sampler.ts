import { readdir, readFile, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { Counters, type CpuTimes, type Traffic } from './counters.ts'

/** One look at the machine. Sizes are bytes, shares percent, rates bytes a second. */
export interface Sample {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly cpu: CpuTimes & { readonly used: number }
  readonly memory: {
    readonly total: number
    readonly available: number
    readonly used: number
    readonly swapTotal: number
    readonly swapFree: number
  }
  readonly disk: { readonly used: number; readonly available: number }
  /** Degrees Celsius of the warmest sensor; null on machines that have none, such as virtual ones. */
  readonly temperature: number | null
  readonly load: readonly [number, number, number]
  readonly rates: Traffic
  readonly totals: Traffic
}

/** Samples between two looks at what changes slowly: the disk, and which devices there are. */
const SLOW_EVERY = 15

/** Measures the machine; what is a share or a rate is one since the look before. */
export class Sampler {
  readonly #dataDir: string
  readonly #root: string
  readonly #counters: Counters
  #before: { at: number; cpu: CpuTimes; totals: Traffic } | null = null
  #sensors: string[] = []
  #disk = { used: 0, available: 0 }
  #taken = 0

  constructor(dataDir: string, root = '/') {
    this.#dataDir = dataDir
    this.#root = root
    this.#counters = new Counters(root)
  }

  /** The first look, which shares are counted from. */
  async begin(): Promise<void> {
    this.#sensors = await this.#findSensors()
    await this.#lookAtSlowOnes()
    this.#before = this.#count()
  }

  async take(): Promise<Sample> {
    if (this.#before === null) await this.begin()
    if (++this.#taken % SLOW_EVERY === 0) await this.#lookAtSlowOnes()
    const temperature = await this.#temperature()
    const before = this.#before ?? this.#count()
    const now = this.#count()
    this.#before = now
    const seconds = (now.at - before.at) / 1000
    const rate = (key: keyof Traffic) =>
      // A device that is gone takes its count along.
      seconds > 0 ? Math.max(0, now.totals[key] - before.totals[key]) / seconds : 0
    return {
      at: Date.now(),
      cpu: shares(before.cpu, now.cpu),
      memory: this.#memory(),
      disk: this.#disk,
      temperature,
      load: this.#counters.load(),
      rates: {
        networkIn: rate('networkIn'),
        networkOut: rate('networkOut'),
        diskRead: rate('diskRead'),
        diskWritten: rate('diskWritten'),
      },
      totals: now.totals,
    }
  }

  #count() {
    return { at: performance.now(), cpu: this.#counters.cpu(), totals: this.#counters.traffic() }
  }

  async #lookAtSlowOnes(): Promise<void> {
    await this.#counters.findDevices()
    const { blocks, bfree, bavail, bsize } = await statfs(this.#dataDir)
    this.#disk = { used: (blocks - bfree) * bsize, available: bavail * bsize }
  }

  #memory(): Sample['memory'] {
    const found = this.#counters.memory()
    const of = (name: string) => found.get(name) ?? 0
    const total = of('MemTotal')
    // Parts of the slab are counted as cache too, on some kernels.
    const used = Math.max(0, total - of('MemFree') - of('Buffers') - of('Cached') - of('Slab'))
    return {
      total,
      available: of('MemAvailable'),
      used,
      swapTotal: of('SwapTotal'),
      swapFree: of('SwapFree'),
    }
  }

  /** Sensors of the machine's chips; where there are none, zones of the firmware. */
  async #findSensors(): Promise<string[]> {
    const chips = await this.#readable('sys/class/hwmon', /^hwmon\d+$/, 'temp1_input')
    return chips.length > 0 ? chips : this.#readable('sys/class/thermal', /^thermal_zone\d+$/, 'temp')
  }

  async #readable(directory: string, names: RegExp, file: string): Promise<string[]> {
    const found = await readdir(join(this.#root, directory)).catch(() => [])
    const paths = found
      .filter((name) => names.test(name))
      .map((name) => join(this.#root, directory, name, file))
    const values = await Promise.all(paths.map(readDegrees))
    return paths.filter((_, index) => values[index] !== null)
  }

  async #temperature(): Promise<number | null> {
    const found = (await Promise.all(this.#sensors.map(readDegrees))).filter((value) => value !== null)
    return found.length > 0 ? Math.max(...found) : null
  }
}

/** Thousandths of a degree (sysfs-class-hwmon); null for a sensor that does not answer. */
async function readDegrees(path: string): Promise<number | null> {
  const text = await readFile(path, 'utf8').catch(() => '')
  return /^-?\d+\s*$/.test(text) ? Number(text) / 1000 : null
}

function shares(before: CpuTimes, now: CpuTimes): Sample['cpu'] {
  const spent = (key: keyof CpuTimes) => Math.max(0, now[key] - before[key])
  const total = spent('user') + spent('kernel') + spent('idle') + spent('wait')
  const share = (ticks: number) => (total > 0 ? (100 * ticks) / total : 0)
  return {
    used: share(spent('user') + spent('kernel')),
    user: share(spent('user')),
    kernel: share(spent('kernel')),
    idle: share(spent('idle')),
    wait: share(spent('wait')),
  }
}
