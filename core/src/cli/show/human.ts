const UNITS = ['kB', 'MB', 'GB', 'TB', 'PB']

/** Bytes as people say them, in powers of 1000 as on the label of a disk: `1.5 GB`. */
export function bytes(amount: number): string {
  if (amount < 1000) return `${Math.round(amount)} B`
  let value = amount
  let unit = ''
  for (const next of UNITS) {
    unit = next
    value /= 1000
    if (value < 999.95) break
  }
  return `${value < 100 ? value.toFixed(1) : Math.round(value)} ${unit}`
}

/** MiB as memory is counted: `21 MiB`, `23.5 GiB`. */
export function mebibytes(amount: number): string {
  return amount < 1024 ? `${round(amount)} MiB` : `${round(amount / 1024)} GiB`
}

function round(value: number): string {
  return value < 100 ? String(Number(value.toFixed(1))) : String(Math.round(value))
}

/** Seconds in the two largest units: `45 s`, `3 h 12 min`, `5 d 1 h`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds))
  const [minutes, hours, days] = [
    Math.floor(whole / 60),
    Math.floor(whole / 3600),
    Math.floor(whole / 86_400),
  ]
  if (minutes === 0) return `${whole} s`
  if (hours === 0) return `${minutes} min`
  if (days === 0) return pair(hours, 'h', minutes % 60, 'min')
  return pair(days, 'd', hours % 24, 'h')
}

function pair(large: number, unit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${unit}` : `${large} ${unit} ${small} ${smallUnit}`
}

const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/

export function isTime(text: string): boolean {
  return RFC3339.test(text)
}

/** A time (RFC 3339) on this machine's clock: `2026-01-31 13:00`. */
export function time(text: string): string {
  const when = new Date(text)
  if (Number.isNaN(when.getTime())) return text
  return `${clockDate(when)} ${clock(when).slice(0, 5)}`
}

/** How long ago a time was: `just now`, `3 h ago`. */
export function ago(text: string, now = Date.now()): string {
  const seconds = (now - new Date(text).getTime()) / 1000
  if (Number.isNaN(seconds)) return text
  if (seconds < 60) return 'just now'
  return `${duration(seconds).replace(/^(\d+ \w+) .*$/, '$1')} ago`
}

export function clockDate(when: Date): string {
  return `${when.getFullYear()}-${two(when.getMonth() + 1)}-${two(when.getDate())}`
}

export function clock(when: Date): string {
  return `${two(when.getHours())}:${two(when.getMinutes())}:${two(when.getSeconds())}`
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}

/** `lastActive` and `memory_usage` → `last active`, `memory usage`. */
export function words(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, (_, before: string, letter: string) => `${before} ${letter.toLowerCase()}`)
    .replaceAll(/[_-]/g, ' ')
}
