/** What set-up tells the person: one line as a step begins, one when something took long. */
export function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

/** Ends with a message that says what is missing and what to do; no stack. */
export function fail(text: string): never {
  process.stderr.write(`\n${text}\n`)
  process.exit(1)
}

/** Runs a step and says how long it took when that was noticeable. */
export async function step<T>(title: string, run: () => Promise<T>): Promise<T> {
  const start = performance.now()
  say(`• ${title} …`)
  const result = await run()
  const seconds = (performance.now() - start) / 1000
  if (seconds >= 1) say(`  done in ${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`)
  return result
}
