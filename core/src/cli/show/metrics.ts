import type { Result } from '@startd/base/rpc/contract.ts'
import type { Block, Cell } from './blocks.ts'
import { clock, mebibytes } from './human.ts'
import type { Tone } from './style.ts'

type Metrics = Result<'server.metrics'>
type Leaf = Metrics['cpu']['idle']

const BAR = 30

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
