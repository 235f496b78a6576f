import type { Result } from '@startd/base/rpc/contract.ts'
import type { Block, Cell } from './blocks.ts'
import { bytes, clock, duration, mebibytes, time, words } from './human.ts'
import type { Tone } from './style.ts'

type Metrics = Result<'server.metrics'>
type Leaf = Metrics['cpu']['idle']

const BAR = 30
const CHART = 40
const HEIGHTS = [...'▁▂▃▄▅▆▇█']

/** The measurements in the order in which people ask for them. */
export function metricsView({ general, cpu, memory, disk }: Metrics): Block[] {
  const busy = `${said(cpu.userSpace)} programs, ${said(cpu.kernelSpace)} system, ${said(cpu.wait)} waiting`
  return [
    {
      kind: 'facts',
      facts: [
        ['processor', `${said(cpu.percentageUsed)} (${busy})`],
        ['memory', `${said(memory.percentageUsed)} (${said(memory.used)} of ${said(memory.total)})`],
        ['disk', `${said(disk.percentageUsed)} (${said(disk.used)} of ${said(disk.capacity)})`],
        ['temperature', general.temperature ? said(general.temperature) : { text: '-', tone: 'quiet' }],
      ],
    },
  ]
}

/** The same with bars, for watching. */
export function metricsBars({ general, cpu, memory, disk }: Metrics): Block[] {
  const temperature: [string, Cell][] = general.temperature
    ? [['temperature', said(general.temperature)]]
    : []
  return [
    {
      kind: 'facts',
      facts: [
        ['processor', bar(cpu.percentageUsed, '')],
        ['memory', bar(memory.percentageUsed, `${said(memory.used)} of ${said(memory.total)}`)],
        ['disk', bar(disk.percentageUsed, `${said(disk.used)} of ${said(disk.capacity)}`)],
        ...temperature,
      ],
    },
  ]
}

/** One line, for a file or a pipe. */
export function metricsLine({ general, cpu, memory, disk }: Metrics): string {
  const parts = [
    clock(new Date()),
    `processor ${said(cpu.percentageUsed)}`,
    `memory ${said(memory.percentageUsed)}`,
    `disk ${said(disk.percentageUsed)}`,
    ...(general.temperature ? [`temperature ${said(general.temperature)}`] : []),
  ]
  return parts.join('  ')
}

function bar(share: Leaf, detail: string): Cell {
  const percent = Number(share.value)
  const full = Math.max(0, Math.min(BAR, Math.round((percent / 100) * BAR)))
  const tone: Tone = percent >= 90 ? 'bad' : percent >= 70 ? 'busy' : 'good'
  return {
    text: `[${'#'.repeat(full)}${'.'.repeat(BAR - full)}] ${said(share).padStart(7)} ${detail}`.trimEnd(),
    tone,
  }
}

function said({ value, unit }: Leaf): string {
  return unit === 'MiB' ? mebibytes(Number(value)) : `${value} ${unit}`
}

/** Each series as a small chart, with its mean and its highest value. */
export function historyView({ start, step, series }: Result<'server.metrics.history'>): Block[] {
  const rows = Object.entries(series).flatMap(([name, { mean, highest }]): Cell[][] => {
    const known = mean.filter((value) => value !== null)
    const peaks = highest.filter((value) => value !== null)
    if (known.length === 0) return []
    const average = known.reduce((sum, value) => sum + value, 0) / known.length
    return [[words(name), chart(mean), inUnit(name, average), inUnit(name, Math.max(...peaks))]]
  })
  const columns = [
    { head: 'what' },
    { head: 'over time' },
    { head: 'mean', right: true },
    { head: 'highest', right: true },
  ]
  return [
    {
      kind: 'table',
      title: `From ${time(start)}, every ${duration(step)}`,
      columns,
      rows,
      none: 'nothing was measured yet',
    },
  ]
}

/** The values as a line of bars, the highest one full; a gap where nothing was measured. */
function chart(values: readonly (number | null)[]): string {
  const size = Math.max(1, Math.ceil(values.length / CHART))
  const groups = Array.from({ length: Math.ceil(values.length / size) }, (_, at) =>
    values.slice(at * size, (at + 1) * size).filter((value) => value !== null),
  )
  const heights = groups.map((group) => (group.length === 0 ? null : Math.max(...group)))
  const top = Math.max(...heights.map((height) => height ?? 0))
  const bar = (height: number) =>
    HEIGHTS[top > 0 ? Math.round((height / top) * (HEIGHTS.length - 1)) : 0] ?? ''
  return heights.map((height) => (height === null ? ' ' : bar(height))).join('')
}

const SHARES = new Set(['cpu', 'memory', 'disk'])

function inUnit(name: string, value: number): string {
  if (SHARES.has(name)) return `${value.toFixed(1)} %`
  if (name === 'temperature') return `${value.toFixed(1)} °C`
  return name === 'load' ? value.toFixed(2) : `${bytes(value)}/s`
}
