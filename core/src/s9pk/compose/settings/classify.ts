import { idOf } from '../names.ts'
import type { Setting } from '../model.ts'

const SECRET_WORDS = new Set(
  'pass passwd password passphrase pwd secret secrets token salt pepper credential credentials'.split(' '),
)
const KEYS =
  /(^|-)(secret|encryption|encrypt|private|master|app|session|cookie|signing|jwt|api|access|auth|admin)-?key(-|$)/
const GLUED = /(password|passwd|secret|apikey|secretkey|token|dbpass)$/
/** Names about a secret that are none themselves. */
const ABOUT =
  /(^|-)(file|path|dir|url|uri|host|ttl|expiry|expiration|expires|length|min|max|age|days|hours|enabled|enable|disabled|disable|allow|allowed|require|required|policy|name|algorithm|type)$/
/** Secrets that somebody else gives out: they cannot be drawn. */
const FOREIGN =
  /(^|-)(smtp|mail|email|s3|aws|azure|gcp|google|github|gitlab|openai|anthropic|oauth|oauth2|oidc|client|ldap|stripe|twilio|sentry|cloudflare|cf|telegram|discord|slack|mapbox|tmdb|pushover|webhook|vpn|wireguard|openvpn|license|licence|hash|tunnel|installation|api-key|apikey|ts-authkey)(-|$)/

const WORDS = [
  ['true', 'false'],
  ['True', 'False'],
  ['TRUE', 'FALSE'],
  ['yes', 'no'],
  ['on', 'off'],
] as const

/** Whether a variable holds a password, key or token, going by its name and the shape of what it holds. */
export function isSecret(name: string, value: string | null): boolean {
  const id = idOf(name)
  if (
    ABOUT.test(id) ||
    (value !== null && (isSwitch(value) || /^[./~]/.test(value) || /^-?\d{1,6}$/.test(value)))
  )
    return false
  return id.split('-').some((word) => SECRET_WORDS.has(word)) || KEYS.test(id) || GLUED.test(id)
}

/** Whether a secret comes from another service, so that its owner has to bring it. */
export function isForeign(name: string): boolean {
  return FOREIGN.test(idOf(name))
}

export function isSwitch(value: string): boolean {
  return /^(true|false|yes|no|on|off|y|n|0|1)$/i.test(value)
}

/** Kind of a field, from the shape of its value. */
export function shapeOf(value: string | null): Pick<Setting, 'kind' | 'words'> {
  const words = value === null ? undefined : WORDS.find((pair) => pair.some((one) => one === value))
  if (words) return { kind: 'toggle', words }
  const number = value !== null && /^-?(0|[1-9]\d*)(\.\d+)?$/.test(value)
  return { kind: number && String(Number(value)) === value ? 'number' : 'text', words: null }
}

/** How a secret is drawn so that it looks like the one in the compose file. */
export function generatorFor(name: string, sample: string): NonNullable<Setting['generator']> {
  if (sample.startsWith('base64:')) return { kind: 'laravel', length: 32 }
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(sample)) return { kind: 'uuid', length: 36 }
  if (/^[0-9a-f]{32,256}$/i.test(sample)) return { kind: 'hex', length: sample.length }
  if (/key-base$/.test(idOf(name))) return { kind: 'hex', length: 128 }
  if (/^[A-Za-z0-9+/]{43}=$/.test(sample)) return { kind: 'base64', length: 32 }
  return { kind: 'letters', length: 32 }
}

const DATABASE =
  /(^|-)(db|database|databases|postgres|postgresql|pg|pgsql|mysql|mariadb|mongo|mongodb|redis|rabbitmq|amqp|minio)-/
const WIRING =
  /-(host|hostname|server|address|addr|port|user|username|name|db|database|dbname|driver|dialect|type|engine|vhost|scheme|protocol|charset|collation|socket|data|initdb-args)$/
const INNER = new Set(
  'puid pgid uid gid umask port node-env home path user lang-dir listen bind host hostname'.split(' '),
)
const LISTEN =
  /(^|-)(listen|bind|server)-(port|addr|address|host)$|(^|-)(uid|gid)$|-(file|dir|path|root|folder|socket)$/

/**
 * Whether a variable only connects the parts of the application to each other, so that nobody must change it: where the
 * database is, its user and name, ports and paths inside.
 */
export function isWiring(name: string, value: string | null, services: ReadonlySet<string>): boolean {
  const id = idOf(name)
  const ownPort = /(^|-)port$/.test(id) && !/smtp|mail|imap|public|external/.test(id)
  if (ownPort || INNER.has(id) || LISTEN.test(id) || (DATABASE.test(`${id}-`) && WIRING.test(id))) return true
  if (value === null) return false
  if (/^\.{0,2}\//.test(value) || /[\n{}]/.test(value)) return true
  return namesService(value, services)
}

/** Whether a text has the name of a service where an address has its host. */
export function namesService(value: string, services: ReadonlySet<string>): boolean {
  if (services.has(value)) return true
  const hosts = [...value.matchAll(/(?:^|\/\/|@|,|=)([A-Za-z0-9][\w.-]*)(?=[:/,]|$)/g)].map(
    ([, host]) => host ?? '',
  )
  return hosts.some((host, i) => services.has(host) && (i > 0 || /[:/@]/.test(value)))
}
