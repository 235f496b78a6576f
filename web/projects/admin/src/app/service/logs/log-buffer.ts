/** One line as the server sends it (rpc.md §8). */
export interface LogEntry {
  timestamp: string
  message: string
  bootId: string
}

export interface LogLine extends LogEntry {
  key: number
  time: string
  /** Without terminal colours. */
  text: string
  level: 'error' | 'warning' | 'plain'
}

/** The newest lines only: a page that stays open for days must not grow. */
export const MOST_LINES = 5_000

// Terminal sequences: colours and cursor moves (ECMA-48 CSI), and window titles (OSC).
const TERMINAL = /\u001b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\))/g

let lastKey = 0

/** A line ready to be drawn; markup in it stays text. */
export function toLine(entry: LogEntry): LogLine {
  const text = entry.message.replace(TERMINAL, '')
  return { ...entry, key: ++lastKey, time: timeOf(entry.timestamp), text, level: levelOf(text) }
}

/** Lines with `more` at the end, the oldest dropped beyond the limit. */
export function append(lines: readonly LogLine[], more: readonly LogLine[]): LogLine[] {
  const all = [...lines, ...more]
  return all.length > MOST_LINES ? all.slice(all.length - MOST_LINES) : all
}

function levelOf(text: string): LogLine['level'] {
  const head = text.slice(0, 200)
  if (/\b(error|fatal|panic|critical)\b/i.test(head)) return 'error'
  return /\bwarn(ing)?\b/i.test(head) ? 'warning' : 'plain'
}

function timeOf(timestamp: string): string {
  const date = new Date(timestamp)
  return Number.isNaN(date.getTime()) ? '' : date.toLocaleTimeString(undefined, { hour12: false })
}
