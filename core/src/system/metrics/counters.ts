import { readFileSync } from 'node:fs'
import { access, readdir } from 'node:fs/promises'
import { join } from 'node:path'

/** Processor time since boot, in ticks (proc_stat(5)). */
export interface CpuTimes {
  user: number
  kernel: number
  idle: number
  wait: number
}

/** Bytes since boot, over all real devices. */
export interface Traffic {
  networkIn: number
  networkOut: number
  diskRead: number
  diskWritten: number
}

const SECTOR = 512

/** Reads what the kernel counts. `root` is where /proc and /sys lie: `/` but for tests. */
export class Counters {
  readonly #root: string
  #interfaces: ReadonlySet<string> = new Set()
  #disks: ReadonlySet<string> = new Set()

  constructor(root: string) {
    this.#root = root
  }

  /** Looks anew which devices are real ones; they come and go. */
  async findDevices(): Promise<void> {
    this.#interfaces = await this.#interfacesOf()
    this.#disks = new Set(await this.#withDevice('sys/block'))
  }

  cpu(): CpuTimes {
    const [line = ''] = this.#lines('proc/stat')
    const [user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, softirq = 0] = numbers(line).slice(1)
    return { user: user + nice, kernel: system + irq + softirq, idle, wait }
  }

  traffic(): Traffic {
    const traffic: Traffic = { networkIn: 0, networkOut: 0, diskRead: 0, diskWritten: 0 }
    for (const line of this.#lines('proc/net/dev')) {
      const [name = '', rest = ''] = line.split(':')
      if (!this.#interfaces.has(name.trim())) continue
      const columns = numbers(rest)
      traffic.networkIn += columns[0] ?? 0
      traffic.networkOut += columns[8] ?? 0
    }
    for (const line of this.#lines('proc/diskstats')) {
      const columns = line.trim().split(/\s+/)
      if (!this.#disks.has(columns[2] ?? '')) continue
      traffic.diskRead += Number(columns[5] ?? 0) * SECTOR
      traffic.diskWritten += Number(columns[9] ?? 0) * SECTOR
    }
    return traffic
  }

  /** Members of /proc/meminfo, in bytes. */
  memory(): ReadonlyMap<string, number> {
    const pairs = this.#lines('proc/meminfo').map((line) => line.split(':'))
    return new Map(pairs.map(([name = '', value = '']) => [name, (parseInt(value, 10) || 0) * 1024]))
  }

  /** Programs that run or wait to run: means over 1, 5 and 15 minutes. */
  load(): [number, number, number] {
    const [one = 0, five = 0, fifteen = 0] = numbers(this.#lines('proc/loadavg')[0] ?? '')
    return [one, five, fifteen]
  }

  /** Network cards; on a machine without, such as a container, what leads out of it. */
  async #interfacesOf(): Promise<Set<string>> {
    const cards = await this.#withDevice('sys/class/net')
    if (cards.length > 0) return new Set(cards)
    const routes = this.#lines('proc/net/route').map((line) => line.split('\t'))
    return new Set(routes.filter(([, to]) => to === '00000000').map(([name = '']) => name))
  }

  async #withDevice(directory: string): Promise<string[]> {
    const path = join(this.#root, directory)
    const names = await readdir(path).catch(() => [])
    const real = await Promise.all(
      names.map((name) =>
        access(join(path, name, 'device')).then(
          () => true,
          () => false,
        ),
      ),
    )
    return names.filter((_, index) => real[index])
  }

  /** The kernel makes these texts in memory: reading them at once is cheaper than asking a thread to. */
  #lines(path: string): string[] {
    try {
      return readFileSync(join(this.#root, path), 'utf8').split('\n')
    } catch {
      return [] // a kernel that does not tell
    }
  }
}

const numbers = (line: string): number[] => line.trim().split(/\s+/).map(Number)
