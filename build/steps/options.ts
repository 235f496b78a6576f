import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { DEFAULT_DATA } from './paths.ts'
import { fail, say } from './say.ts'

type Flags = Record<string, { type: 'string' | 'boolean'; short?: string; default?: string | boolean }>

/** Reads a command's flags; prints `help` and ends for `--help`, says what is wrong with an unknown flag. */
export function readFlags<F extends Flags>(help: string, flags: F) {
  const options = { help: { type: 'boolean', short: 'h', default: false }, data: { type: 'string', default: DEFAULT_DATA }, ...flags } as const
  try {
    const { values } = parseArgs({ options, allowPositionals: false })
    if (values.help) {
      say(help)
      process.exit(0)
    }
    return { ...values, data: resolve(String(values.data)) }
  } catch (error) {
    fail(`${error instanceof Error ? error.message : String(error)}\n\n${help}`)
  }
}

/** A TCP port as text, checked. */
export function portFlag(text: string): string {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65535) fail(`--port wants a number from 0 to 65535, not “${text}”.`)
  return text
}
