import type { ServiceStats } from '../../service/index.ts'
import type { Sample } from './sampler.ts'

type Labels = Readonly<Record<string, string>>
type Row = readonly [value: number, labels?: Labels]

const MIB = 1024 * 1024

export interface PrometheusSource {
  readonly sample: Sample
  readonly services: Readonly<Record<string, ServiceStats | null>>
  readonly version: string
  /** Seconds. */
  readonly uptime: number
}

/** The machine and its services in the text format of Prometheus, version 0.0.4. */
export function prometheusText({ sample, services, version, uptime }: PrometheusSource): string {
  const { cpu, memory, disk, temperature, load, totals } = sample
  const all = Object.entries(services)
  const of = (value: (stats: ServiceStats) => number): Row[] =>
    all.flatMap(([service, stats]) => (stats ? [[value(stats), { service }] as const] : []))
  return [
    family('startd_info', 'gauge', 'Version of startd', [[1, { version }]]),
    family('startd_uptime_seconds', 'gauge', 'Time since startd has started', [[uptime]]),
    family('startd_cpu_percent', 'gauge', 'Share of the processor, by what it did', [
      [cpu.user, { mode: 'user' }],
      [cpu.kernel, { mode: 'kernel' }],
      [cpu.wait, { mode: 'wait' }],
      [cpu.idle, { mode: 'idle' }],
    ]),
    family('startd_load', 'gauge', 'Programs that run or wait to run', [
      [load[0], { minutes: '1' }],
      [load[1], { minutes: '5' }],
      [load[2], { minutes: '15' }],
    ]),
    family('startd_memory_total_bytes', 'gauge', 'Memory of the machine', [[memory.total]]),
    family('startd_memory_available_bytes', 'gauge', 'Memory that programs can still get', [
      [memory.available],
    ]),
    family('startd_swap_total_bytes', 'gauge', 'Swap space', [[memory.swapTotal]]),
    family('startd_swap_free_bytes', 'gauge', 'Swap space that is free', [[memory.swapFree]]),
    family('startd_disk_used_bytes', 'gauge', 'Used on the disk with the data', [[disk.used]]),
    family('startd_disk_available_bytes', 'gauge', 'Free on the disk with the data', [[disk.available]]),
    family(
      'startd_temperature_celsius',
      'gauge',
      'Warmest sensor',
      temperature === null ? [] : [[temperature]],
    ),
    family('startd_network_receive_bytes_total', 'counter', 'Received since boot', [[totals.networkIn]]),
    family('startd_network_transmit_bytes_total', 'counter', 'Sent since boot', [[totals.networkOut]]),
    family('startd_disk_read_bytes_total', 'counter', 'Read since boot', [[totals.diskRead]]),
    family('startd_disk_written_bytes_total', 'counter', 'Written since boot', [[totals.diskWritten]]),
    family(
      'startd_service_running',
      'gauge',
      'Whether the container of a service runs',
      all.map(([service, stats]) => [stats ? 1 : 0, { service }]),
    ),
    family(
      'startd_service_memory_bytes',
      'gauge',
      'Memory of a service',
      of((stats) => stats.memory_usage * MIB),
    ),
    family(
      'startd_service_cpu_seconds_total',
      'counter',
      'Processor time of a service',
      of((stats) => stats.cpu_seconds),
    ),
    family(
      'startd_service_read_bytes_total',
      'counter',
      'Read from disks by a service',
      of((stats) => stats.disk_read * MIB),
    ),
    family(
      'startd_service_written_bytes_total',
      'counter',
      'Written to disks by a service',
      of((stats) => stats.disk_written * MIB),
    ),
  ].join('')
}

function family(name: string, type: 'gauge' | 'counter', help: string, rows: readonly Row[]): string {
  if (rows.length === 0) return ''
  const lines = rows.map(([value, labels]) => `${name}${labels ? labelText(labels) : ''} ${value}\n`)
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(
    ([key, value]) =>
      `${key}="${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`,
  )
  return `{${pairs.join(',')}}`
}
