import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { DEFAULT_DATA } from './paths.ts'
import { fail, say } from './say.ts'

export interface Flags {
  /** Absolute. */
  data: string
  listen: string
  port: string
  purge: boolean
  /** Absolute, or “none”; null: startd’s own choice. */
  sshKeys: string | null
  managePower: boolean
}

type Name = 'listen' | 'port' | 'purge' | 'ssh-keys' | 'manage-power'

/**
 * Reads a command's flags: `--data` and those named. Prints `help` and ends for `--help`; an unknown flag ends with
 * what is wrong and the help.
 */
export function readFlags(help: string, names: readonly Name[]): Flags {
  try {
    const { values } = parseArgs({
      options: {
        help: { type: 'boolean', short: 'h' },
        data: { type: 'string' },
        ...(names.includes('listen') && { listen: { type: 'string' } }),
        ...(names.includes('port') && { port: { type: 'string' } }),
        ...(names.includes('purge') && { purge: { type: 'boolean' } }),
        ...(names.includes('ssh-keys') && { 'ssh-keys': { type: 'string' } }),
        ...(names.includes('manage-power') && { 'manage-power': { type: 'boolean' } }),
      },
    })
    if (values.help) {
      say(help)
      process.exit(0)
    }
    return {
      data: resolve(values.data ?? DEFAULT_DATA),
      listen: addressOf(String(values['listen'] ?? '127.0.0.1')),
      port: portOf(String(values['port'] ?? '8080')),
      purge: values['purge'] === true,
      sshKeys: keysFile(values['ssh-keys']),
      managePower: values['manage-power'] === true,
    }
  } catch (error) {
    fail(`${error instanceof Error ? error.message : String(error)}\n\n${help}`)
  }
}

const keysFile = (value: unknown) =>
  typeof value !== 'string' ? null : value === 'none' ? value : resolve(value)

function portOf(text: string): string {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65535) return text
  throw new RangeError(`--port wants a number from 0 to 65535, not “${text}”.`)
}

function addressOf(text: string): string {
  if (isIP(text) !== 0 || text === 'localhost') return text
  throw new RangeError(`--listen wants an IP address such as 127.0.0.1 or 0.0.0.0, not “${text}”.`)
}
