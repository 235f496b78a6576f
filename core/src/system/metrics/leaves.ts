import type { Leaf, Metrics } from '@startd/base/rpc/server-metrics.ts'
import type { Sample } from './sampler.ts'

const MIB = 1024 * 1024
const GB = 1e9

/** A look at the machine in the published form: each value as text with its unit (system.md §9.2). */
export function metricsOf({ cpu, memory, disk, temperature }: Sample): Metrics {
  const { total, available, used, swapTotal, swapFree } = memory
  const capacity = disk.used + disk.available
  return {
    general: { temperature: temperature === null ? null : leaf(temperature, '°C') },
    memory: {
      percentageUsed: leaf(percent(total - available, total), '%'),
      total: leaf(total / MIB, 'MiB'),
      available: leaf(available / MIB, 'MiB'),
      used: leaf(used / MIB, 'MiB'),
      zramTotal: leaf(swapTotal / MIB, 'MiB'),
      zramAvailable: leaf(swapFree / MIB, 'MiB'),
      zramUsed: leaf((swapTotal - swapFree) / MIB, 'MiB'),
    },
    cpu: {
      percentageUsed: leaf(cpu.used, '%'),
      idle: leaf(cpu.idle, '%'),
      userSpace: leaf(cpu.user, '%'),
      kernelSpace: leaf(cpu.kernel, '%'),
      wait: leaf(cpu.wait, '%'),
    },
    disk: {
      percentageUsed: leaf(percent(disk.used, capacity), '%'),
      used: leaf(disk.used / GB, 'GB'),
      available: leaf(disk.available / GB, 'GB'),
      capacity: leaf(capacity / GB, 'GB'),
    },
  }
}

/** 0 of nothing, never NaN. */
export const percent = (part: number, whole: number): number => (whole > 0 ? (100 * part) / whole : 0)

function leaf(value: number, unit: Leaf['unit']): Leaf {
  return { value: value.toFixed(unit === 'MiB' || unit === 'GB' ? 2 : 1), unit }
}
