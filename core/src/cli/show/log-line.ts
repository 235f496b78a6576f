import { styleText } from 'node:util'
import type { LogEntry } from '@startd/base/rpc/params.ts'
import { clock, clockDate } from './human.ts'
import { oneLine, type Terminal, type Tone } from './style.ts'

const TONES: Readonly<Record<string, Tone>> = {
  ERROR: 'bad',
  WARN: 'busy',
  WARNING: 'busy',
  DEBUG: 'quiet',
  TRACE: 'quiet',
}
/** A level in front, then perhaps the service that the line is about. */
const PARTS = /^(ERROR|WARN|WARNING|INFO|DEBUG|TRACE) (?:([a-z0-9][a-z0-9-]*): )?/
const SERVICES = ['cyan', 'magenta', 'blue', 'green', 'yellow'] as const

/**
 * A line of a log. Into a file it goes as it is, with the time in UTC; a terminal shows the time of its own clock,
 * colours for what is serious and for each service, and nothing that a service could do to the terminal.
 */
export function logLine({ timestamp, message }: LogEntry, terminal: Terminal): string {
  const when = new Date(timestamp)
  const known = !Number.isNaN(when.getTime())
  if (terminal.width === Infinity) return `${known ? when.toISOString() : timestamp} ${message}`
  const time = known ? `${clockDate(when)} ${clock(when)}` : oneLine(timestamp)
  return `${terminal.paint(time, 'quiet')} ${coloured(oneLine(message), terminal)}`
}

function coloured(text: string, terminal: Terminal): string {
  const [all = '', level = '', service] = PARTS.exec(text) ?? []
  const rest = text.slice(all.length)
  if (all === '') return text
  const tone = TONES[level] ?? 'plain'
  const shown = level === 'INFO' ? '' : `${terminal.paint(level, tone)} `
  const about = service === undefined ? '' : `${serviceColour(service, terminal)}: `
  return `${shown}${about}${tone === 'bad' ? terminal.paint(rest, tone) : rest}`
}

/** The same colour for the same service, in every line and every run. */
function serviceColour(id: string, terminal: Terminal): string {
  // Where the terminal shows no colours, neither does this.
  if (terminal.paint('x', 'name') === 'x') return id
  const sum = [...id].reduce((total, letter) => (total * 31 + letter.charCodeAt(0)) % 65_521, 7)
  return styleText(SERVICES[sum % SERVICES.length] ?? 'cyan', id, { validateStream: false })
}
