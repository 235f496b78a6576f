const STEPS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
]

/** “3 minutes ago”, in the page’s language; the date itself after a month. */
export function agoText(time: string, now = Date.now()): string {
  const passed = now - Date.parse(time)
  if (Number.isNaN(passed)) return ''
  if (passed > 30 * 86_400_000) return dateText(time)
  const format = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' })
  const [unit, length] = STEPS.find(([, size]) => Math.abs(passed) >= size) ?? ['second', 1_000]
  return format.format(-Math.round(passed / length), unit)
}

/** Date and time as this device writes them. */
export function dateText(time: string): string {
  const date = new Date(time)
  if (Number.isNaN(date.getTime())) return ''
  return date.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' })
}
