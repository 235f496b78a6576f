import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { CodedError } from '@startd/base/errors.ts'
import { localCookiePath } from '../rpc/local-auth.ts'
import { type ConfigFile, LOCAL, readConfig, type SavedServer } from './config-file.ts'
import { configPath, defaultData, variable } from './environment.ts'
import { type Format, FORMATS } from './format.ts'

export { defaultData } from './environment.ts'

/** Flags that every command takes. */
export interface GlobalFlags {
  host?: string
  server?: string
  config?: string
  cookiePath?: string
  data?: string
  format?: Format
  rootCa?: string[]
  insecure?: boolean
  timeout?: string
}

/** Where a command goes and with which secrets. */
export interface Settings {
  /** Origin of the server, such as `http://127.0.0.1:8080`. */
  readonly host: string
  readonly cookiePath: string
  /** Secret of the server on this machine, where it is the one that is talked to and this user may read it. */
  readonly local: string | null
  /** PEM files of authorities to trust besides those of the system. */
  readonly rootCa: readonly string[]
  /** Certificates are not checked at all. */
  readonly insecure: boolean
  readonly format: Format | null
  /** Milliseconds after which a command gives up; null for never. */
  readonly timeout: number | null
}

/** All configuration files that are there, the first one counts. */
async function readFiles(flags: GlobalFlags): Promise<ConfigFile[]> {
  const named = flags.config ?? variable('STARTD_CONFIG')
  const extra = named === undefined ? null : await readConfig(named, 'own')
  if (named !== undefined && extra === null)
    throw new CodedError('Filesystem', `There is no readable configuration file ${named}`)
  const others = await Promise.all([
    readConfig(configPath(), 'own'),
    readConfig(join(homedir(), '.startos', 'config.yaml'), 'shared'),
    readConfig('/etc/startos/config.yaml', 'shared'),
  ])
  return [extra, ...others].filter((file) => file !== null)
}

/** Flags first, then variables, then the configuration files, then the server that runs on this machine. */
export async function readSettings(flags: GlobalFlags): Promise<Settings> {
  const files = await readFiles(flags)
  const first = <K extends keyof ConfigFile>(key: K) => files.find((file) => file[key] !== undefined)?.[key]
  const data = flags.data ?? variable('STARTD_DATA') ?? first('data') ?? defaultData()
  const own = await readOptional(join(data, 'run', 'address'))
  const here: SavedServer = { host: own ?? 'http://localhost' }
  const chosen = choose(flags, files) ?? here
  const host = originOf(chosen.host)
  const authority = flags.rootCa ?? variable('STARTD_ROOT_CA') ?? chosen['root-ca'] ?? first('root-ca') ?? []
  const seconds = flags.timeout ?? variable('STARTD_TIMEOUT') ?? first('timeout')
  return {
    host,
    cookiePath:
      flags.cookiePath ??
      variable('STARTD_COOKIE_PATH') ??
      chosen['cookie-path'] ??
      first('cookie-path') ??
      join(homedir(), '.startos', '.cookies.json'),
    local: own !== null && isSameServer(host, own) ? await readOptional(localCookiePath(data)) : null,
    rootCa: [authority].flat(),
    insecure: flags.insecure ?? chosen.insecure ?? first('insecure') ?? false,
    format: flags.format ?? formatOf(variable('STARTD_FORMAT')) ?? first('format') ?? null,
    timeout: seconds === undefined ? null : milliseconds(String(seconds)),
  }
}

/** The server that is asked for, at the first place that names one; null for the one on this machine. */
function choose(flags: GlobalFlags, files: readonly ConfigFile[]): SavedServer | null {
  if (flags.server !== undefined && flags.host !== undefined)
    throw new CodedError('InvalidRequest', 'Give --server or --host, not both')
  const saved = Object.assign({}, ...files.map(({ servers }) => servers).reverse()) as Record<
    string,
    SavedServer
  >
  const byName = (name: string): SavedServer | null => {
    const server = saved[name]
    if (name === LOCAL) return null
    if (server) return server
    const known = Object.keys(saved).join(', ') || 'none'
    throw new CodedError(
      'NotFound',
      `No server is saved as “${name}” (saved: ${known}). “start-cli remote add” saves one.`,
    )
  }
  const sources: { server?: string | undefined; host?: string | undefined }[] = [
    flags,
    { server: variable('STARTD_SERVER'), host: variable('STARTD_HOST') },
    // Who names the data of a server on this machine means that server, whatever the files say.
    ...(flags.data === undefined ? files : [{ server: LOCAL }]),
  ]
  for (const { server, host } of sources) {
    if (server !== undefined) return byName(server)
    if (host === undefined) continue
    return saved[host] ?? { host }
  }
  return null
}

async function readOptional(path: string): Promise<string | null> {
  return (await readFile(path, 'utf8').catch(() => null))?.trim() ?? null
}

/** The origin of an address; without a scheme it is that of plain HTTP. */
export function originOf(host: string): string {
  const text = /^https?:\/\//.test(host) ? host : `http://${host}`
  if (URL.canParse(text) && !/\s/.test(host)) return new URL(text).origin
  throw new CodedError('ParseUrl', `“${host}” is not an address. Write it like http://192.168.1.5:8080`)
}

const SCALES: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** `30`, `30s`, `1.5m`: seconds unless a unit is given. */
export function milliseconds(text: string): number {
  const [, amount, unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text) ?? []
  const value = Number(amount) * (SCALES[unit] ?? 1)
  if (value > 0 && value <= 24 * 3_600_000) return value
  throw new CodedError('InvalidRequest', `“${text}” is not a time to wait. Write it like 30s, 5m or 500ms`)
}

function formatOf(text: string | undefined): Format | undefined {
  const format = FORMATS.find((each) => each === text)
  if (text === undefined || format) return format
  throw new CodedError('InvalidRequest', `STARTD_FORMAT is “${text}”; it may be ${FORMATS.join(', ')}`)
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]'])

/** The secret goes to our own server only, never to another program that listens on this machine. */
function isSameServer(host: string, own: string): boolean {
  const [a, b] = [new URL(host), new URL(own)]
  return a.origin === b.origin || (LOOPBACK.has(a.hostname) && LOOPBACK.has(b.hostname) && a.port === b.port)
}
