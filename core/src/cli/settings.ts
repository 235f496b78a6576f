import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { CodedError } from '@startd/base/errors.ts'
import { parse } from 'yaml'
import { z } from 'zod'
import { localCookiePath } from '../rpc/local-auth.ts'

/** Flags that every command takes. */
export interface GlobalFlags {
  host?: string
  config?: string
  cookiePath?: string
  data?: string
  format?: string
}

/** Where a command goes and with which secrets. */
export interface Settings {
  /** Origin of the server, such as `http://127.0.0.1:8080`. */
  readonly host: string
  readonly cookiePath: string
  /** Secret of the server on this machine, where it is the one that is talked to and this user may read it. */
  readonly local: string | null
}

const ConfigFile = z.object({ host: z.string().optional(), 'cookie-path': z.string().optional() })
type ConfigFile = z.infer<typeof ConfigFile>

/** Flags first, then the configuration files, then the server that runs on this machine (rpc.md §10.1). */
export async function readSettings(flags: GlobalFlags): Promise<Settings> {
  const home = join(homedir(), '.startos')
  const files = [flags.config, join(home, 'config.yaml'), '/etc/startos/config.yaml']
  const configs = await Promise.all(files.map((path, index) => readConfig(path, index === 0)))
  const data = flags.data ?? process.env['STARTD_DATA'] ?? defaultData()
  const own = await readOptional(join(data, 'run', 'address'))
  const named = flags.host ?? configs.find((config) => config.host !== undefined)?.host
  const host = originOf(named ?? own ?? 'http://localhost')
  const here = own !== null && isSameServer(host, own)
  return {
    host,
    cookiePath:
      flags.cookiePath ??
      configs.find((config) => config['cookie-path'] !== undefined)?.['cookie-path'] ??
      join(home, '.cookies.json'),
    local: here ? await readOptional(localCookiePath(data)) : null,
  }
}

/** Where startd keeps its data unless told otherwise. */
export function defaultData(): string {
  return join(process.env['XDG_DATA_HOME'] ?? join(homedir(), '.local/share'), 'startd')
}

async function readConfig(path: string | undefined, wanted: boolean): Promise<ConfigFile> {
  if (path === undefined) return {}
  const text = await readOptional(path)
  if (text === null) {
    if (wanted) throw new CodedError('Filesystem', `There is no readable configuration file ${path}`)
    return {}
  }
  const parsed = ConfigFile.safeParse(parse(text) ?? {})
  if (parsed.success) return parsed.data
  throw new CodedError('Deserialization', `${path}: ${z.prettifyError(parsed.error)}`)
}

async function readOptional(path: string): Promise<string | null> {
  return (await readFile(path, 'utf8').catch(() => null))?.trim() ?? null
}

function originOf(host: string): string {
  const text = /^https?:\/\//.test(host) ? host : `http://${host}`
  if (URL.canParse(text)) return new URL(text).origin
  throw new CodedError('ParseUrl', `“${host}” is not an address. Write it like http://192.168.1.5:8080`)
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]'])

/** The secret goes to our own server only, never to another program that listens on this machine. */
function isSameServer(host: string, own: string): boolean {
  const [a, b] = [new URL(host), new URL(own)]
  return a.origin === b.origin || (LOOPBACK.has(a.hostname) && LOOPBACK.has(b.hostname) && a.port === b.port)
}
