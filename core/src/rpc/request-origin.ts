import type { IncomingHttpHeaders } from 'node:http'
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { hostname } from 'node:os'

/** Endings that nobody on the internet can own, so that no hostile site can make its name point here. */
const LOCAL_ENDINGS = ['.local', '.localhost', '.lan', '.home.arpa', '.internal', '.home']

/**
 * Whether this server goes by the name in a `Host` header. Foreign names are refused, because a page of
 * such a name that is made to resolve to this server would count as our own (DNS rebinding).
 * `own` are further names, in lower case.
 */
export function isOwnHost(host: string | undefined, own: ReadonlySet<string>): boolean {
  const name = hostNameOf(host)
  if (name === null) return false
  return (
    isIP(name) !== 0 ||
    !name.includes('.') ||
    LOCAL_ENDINGS.some((ending) => name.endsWith(ending)) ||
    own.has(name) ||
    machineNames(hostname(), resolverSettings()).includes(name)
  )
}

/** Names of a machine in its own network, in lower case: alone, and below each domain that its resolver searches. */
export function machineNames(hostname: string, resolvConf: string): string[] {
  const name = hostname.toLowerCase()
  const domains = [...resolvConf.matchAll(/^(?:search|domain)[ \t]+(.*)$/gm)].flatMap(([, list = '']) =>
    list.trim().toLowerCase().split(/\s+/),
  )
  return [name, ...domains.map((domain) => `${name.split('.')[0]}.${domain}`)]
}

/** Read each time: they change when the machine moves to another network, and hardly any request comes this far. */
export function resolverSettings(): string {
  try {
    return readFileSync('/etc/resolv.conf', 'utf8')
  } catch {
    return ''
  }
}

/**
 * Whether a request comes from a page of another origin: such a page must not use the browser's cookies here.
 * Another port of the same machine is another origin, since services have their pages there.
 */
export function isForeign(headers: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true
  const { origin, host } = headers
  if (origin === undefined) return false
  if (!URL.canParse(origin)) return true
  const { protocol, host: originHost } = new URL(origin)
  return originHost !== withoutDefaultPort(host?.toLowerCase() ?? '', protocol)
}

function withoutDefaultPort(host: string, protocol: string): string {
  const standard = protocol === 'https:' ? ':443' : ':80'
  return host.endsWith(standard) ? host.slice(0, -standard.length) : host
}

/** Nearly all requests of a server carry the same few names, and reading one costs more than a lookup. */
const hostNames = new Map<string, string | null>()
const REMEMBERED = 64

/** The name in a `Host` header, in lower case and without port and brackets; null for what is no name. */
export function hostNameOf(host: string | undefined): string | null {
  const text = host ?? ''
  let name = hostNames.get(text)
  if (name === undefined) {
    name = readHostName(host)
    if (hostNames.size >= REMEMBERED) hostNames.clear()
    hostNames.set(text, name)
  }
  return name
}

function readHostName(host: string | undefined): string | null {
  if (host === undefined || !URL.canParse(`http://${host}/`)) return null
  const url = new URL(`http://${host}/`)
  if (url.pathname !== '/' || url.search !== '' || url.username !== '') return null
  return url.hostname
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
    .toLowerCase()
}
