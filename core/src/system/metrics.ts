import { readdir, readFile, statfs } from 'node:fs/promises'
import type { Leaf, Metrics } from '@startd/base/rpc/server.ts'

/** Processor time since boot, in ticks. */
export interface CpuTimes {
  user: number
  kernel: number
  idle: number
  wait: number
}

/** One look at the machine; `since` are the processor times to compare with. */
export async function measure(dataDir: string, since: CpuTimes, now: CpuTimes): Promise<Metrics> {
  const [memory, disk, temperature] = await Promise.all([readMemory(), statfs(dataDir), readTemperature()])
  const capacity = disk.blocks * disk.bsize
  const available = disk.bavail * disk.bsize
  const used = (disk.blocks - disk.bfree) * disk.bsize
  return {
    general: { temperature: temperature === null ? null : leaf(temperature, '°C') },
    memory,
    cpu: cpuShare(since, now),
    disk: {
      percentageUsed: leaf(used + available > 0 ? (100 * used) / (used + available) : 0, '%'),
      used: leaf(used / 1e9, 'GB'),
      available: leaf(available / 1e9, 'GB'),
      capacity: leaf(capacity / 1e9, 'GB'),
    },
  }
}

export async function readCpuTimes(): Promise<CpuTimes> {
  const [line = ''] = (await readFile('/proc/stat', 'utf8')).split('\n', 1)
  const [user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, softirq = 0, steal = 0] = line
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number)
  return { user: user + nice, kernel: system + irq + softirq + steal, idle, wait }
}

function cpuShare(since: CpuTimes, now: CpuTimes): Metrics['cpu'] {
  const spent = {
    user: now.user - since.user,
    kernel: now.kernel - since.kernel,
    idle: now.idle - since.idle,
    wait: now.wait - since.wait,
  }
  const total = spent.user + spent.kernel + spent.idle + spent.wait
  const share = (ticks: number) => leaf(total > 0 ? (100 * ticks) / total : 0, '%')
  return {
    percentageUsed: share(spent.user + spent.kernel),
    idle: share(spent.idle),
    userSpace: share(spent.user),
    kernelSpace: share(spent.kernel),
    wait: share(spent.wait),
  }
}

async function readMemory(): Promise<Metrics['memory']> {
  const text = await readFile('/proc/meminfo', 'utf8')
  const kib = new Map(
    text.split('\n').map((line) => [line.split(':')[0] ?? '', Number(/\d+/.exec(line)?.[0] ?? 0)]),
  )
  const total = kib.get('MemTotal') ?? 0
  const available = kib.get('MemAvailable') ?? 0
  // Compressed swap is not set up by this server yet.
  const none = leaf(0, 'MiB')
  return {
    percentageUsed: leaf(total > 0 ? (100 * (total - available)) / total : 0, '%'),
    total: leaf(total / 1024, 'MiB'),
    available: leaf(available / 1024, 'MiB'),
    used: leaf((total - available) / 1024, 'MiB'),
    zramTotal: none,
    zramAvailable: none,
    zramUsed: none,
  }
}

const THERMAL = '/sys/class/thermal'

/** The warmest sensor; null on machines that have none, such as virtual ones. */
async function readTemperature(): Promise<number | null> {
  const zones = (await readdir(THERMAL).catch(() => [])).filter((name) => name.startsWith('thermal_zone'))
  const readings = await Promise.all(
    zones.map((zone) => readFile(`${THERMAL}/${zone}/temp`, 'utf8').catch(() => '')),
  )
  const degrees = readings
    .map(Number)
    .filter((value) => value > 0)
    .map((value) => value / 1000)
  return degrees.length > 0 ? Math.max(...degrees) : null
}

function leaf(value: number, unit: Leaf['unit']): Leaf {
  return { value: value.toFixed(unit === 'MiB' || unit === 'GB' ? 2 : 1), unit }
}
