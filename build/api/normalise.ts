import type { Answer } from './server.ts'

const GUID = /^[A-Z2-7]{32}$/
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/
const SESSION = /^[a-z2-7]{26}$/
/** Of a login, or of a package in its file name. */
const HASH = /\b[a-z2-7]{52}\b/g
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const HEX_ID = /^[0-9a-f]{32}$/
/** The bridge of this server, in a network that was free. */
const BRIDGE = /^10\.\d+\.\d+\.1$/
const CURSOR = /^[0-9a-f]{32}\.\d+$/
/** Of a line of the server’s own log: file and place. */
const PLACE = /^\d{1,15}-\d{1,15}$/
/** One half of the point that is a P-256 key. */
const COORDINATE = /^[\w-]{43}$/
const FINGERPRINT = /^SHA256:[\w+/]{43}$/
const PUBLIC_KEY = /^-----BEGIN PUBLIC KEY-----\n/
const COMMIT = /^[0-9a-f]{40}(-modified)?$/

/** Longest text and list of an example. */
const LONGEST = 160
const MOST = 3

/** Fixed values for what is another in every run, and an end for what is long; the shape stays. */
export function normalise(answer: Answer, dataDir: string): Answer {
  const walk = (value: unknown): unknown => {
    if (typeof value === 'string') return text(value.replaceAll(dataDir, '/var/lib/startd'))
    if (Array.isArray(value)) return value.slice(0, MOST).map(walk)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [text(key), walk(member)]))
  }
  return walk(answer) as Answer
}

function text(value: string): string {
  if (GUID.test(value)) return 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  if (TIME.test(value)) return '2026-01-31T12:00:00.000Z'
  if (SESSION.test(value)) return 'abcdefghijklmnopqrstuvwxyz'
  if (UUID.test(value)) return '7e3f1c2a-9b7d-4c11-8f36-0d5f1c7b2a90'
  if (HEX_ID.test(value)) return '0123456789abcdef'.repeat(2)
  if (BRIDGE.test(value)) return '10.0.3.1'
  if (CURSOR.test(value)) return `${'0123456789abcdef'.repeat(2)}.128`
  if (COORDINATE.test(value)) return 'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4'
  if (FINGERPRINT.test(value)) return 'SHA256:Vkdap1RjR0wChd9dvyvKtz2mUTWIOem3dIGy6rEHcIw'
  if (PUBLIC_KEY.test(value))
    return '-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAA6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=\n-----END PUBLIC KEY-----\n'
  if (PLACE.test(value)) return '1-128'
  if (COMMIT.test(value)) return '0123456789abcdef0123456789abcdef01234567'
  const known = value.replace(HASH, 'abcdefghijklmnopqrstuvwxyz'.repeat(2))
  return known.length > LONGEST ? `${known.slice(0, LONGEST)}…` : known
}

/** A measured number, also as text. */
const NUMBER = /^-?\d+(\.\d+)?$/

/** Whether two answers say the same, apart from what was measured: then the older one can stay. */
export function alike(one: unknown, other: unknown): boolean {
  if (typeof one === 'number') return typeof other === 'number'
  if (typeof one === 'string' && typeof other === 'string') {
    return one === other || (NUMBER.test(one) && NUMBER.test(other))
  }
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null)
    return one === other
  const keys = Object.keys(one)
  if (keys.length !== Object.keys(other).length || Array.isArray(one) !== Array.isArray(other)) return false
  return keys.every((key) => key in other && alike(Reflect.get(one, key), Reflect.get(other, key)))
}
