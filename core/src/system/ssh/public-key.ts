import { createHash } from 'node:crypto'
import { CodedError } from '@startd/base/errors.ts'

/** A public key as in `~/.ssh/id_ed25519.pub` (sshd(8), “AUTHORIZED_KEYS FILE FORMAT”). */
export interface PublicKey {
  readonly alg: string
  readonly comment: string
  /** MD5 of the key, as older tools show it: `43:51:…`. */
  readonly fingerprint: string
  /** The one line that stands for it. */
  readonly line: string
}

/** Kinds of keys that are good enough, and the fewest bits of those that come in sizes. */
const KINDS: Readonly<Record<string, { bits: number }>> = {
  'ssh-ed25519': { bits: 0 },
  'ecdsa-sha2-nistp256': { bits: 0 },
  'ecdsa-sha2-nistp384': { bits: 0 },
  'ecdsa-sha2-nistp521': { bits: 0 },
  'sk-ssh-ed25519@openssh.com': { bits: 0 },
  'sk-ecdsa-sha2-nistp256@openssh.com': { bits: 0 },
  'ssh-rsa': { bits: 2048 },
}

/** Throws ParseSshKey for everything but one plain key: no options, no second line, no weak or unknown kind. */
export function parsePublicKey(text: string): PublicKey {
  const line = text.trim()
  if (line.includes('PRIVATE KEY'))
    refuse(
      'This is a private key: keep it to yourself. Give the public one, from the file that ends in “.pub”',
    )
  if (/[\r\n\0]/.test(line)) refuse('Give one key at a time, on one line')
  if (/[\x00-\x08\x0b-\x1f\x7f]/.test(line)) refuse('The key has characters in it that cannot be printed')
  const [, alg = '', base64 = '', comment = ''] = /^(\S+)[ \t]+(\S+)(?:[ \t]+(.*))?$/.exec(line) ?? []
  const kind = Object.hasOwn(KINDS, alg) ? KINDS[alg] : undefined
  if (!kind) refuse(reasonFor(alg))
  const blob = Buffer.from(base64, 'base64')
  if (blob.toString('base64').replace(/=+$/, '') !== base64.replace(/=+$/, '')) refuse(BROKEN)
  const fields = fieldsOf(blob)
  if (fields[0]?.toString('latin1') !== alg || fields.length < 2) refuse(BROKEN)
  checkFields(alg, fields, kind?.bits ?? 0)
  const hash = createHash('md5').update(blob).digest('hex')
  const fingerprint = hash.match(/../g)?.join(':') ?? hash
  const cleaned = comment.trim()
  return {
    alg,
    comment: cleaned,
    fingerprint,
    line: [alg, blob.toString('base64'), cleaned].filter(Boolean).join(' '),
  }
}

const BROKEN = 'The key is not whole. Copy all of the line from the file that ends in “.pub”'

function reasonFor(alg: string): string {
  if (alg === 'ssh-dss')
    return 'Keys of the kind DSA are too weak. Make a new one with: ssh-keygen -t ed25519'
  if (alg.includes('=') || /^(cert-authority|restrict|no-|principals)/.test(alg)) {
    return 'Options before the key are not taken. Give the key alone'
  }
  if (/-cert-v\d\d@/.test(alg)) return 'Certificates are not taken. Give the key alone'
  return 'This is not a public key. It begins with its kind, such as “ssh-ed25519”'
}

/** Lengths and sizes of what a key is made of (RFC 4253 §6.6, RFC 5656, RFC 8709, PROTOCOL.u2f). */
function checkFields(alg: string, fields: readonly Buffer[], bits: number): void {
  const [, second, third] = fields
  const count = alg === 'ssh-ed25519' ? 2 : alg === 'sk-ecdsa-sha2-nistp256@openssh.com' ? 4 : 3
  if (fields.length !== count) refuse(BROKEN)
  if (alg.includes('ed25519')) {
    if (second?.length !== 32) refuse(BROKEN)
  } else if (alg === 'ssh-rsa') {
    const modulus = third ?? Buffer.alloc(0)
    const size = modulus.length === 0 ? 0 : BigInt(`0x${modulus.toString('hex')}`).toString(2).length
    if (size < bits)
      refuse(
        `RSA keys of ${size} bits are too weak; at least ${bits}. Make a new one with: ssh-keygen -t ed25519`,
      )
  } else {
    const curve = /nistp\d+/.exec(alg)?.[0] ?? ''
    const width = Math.ceil(Number(curve.slice(5)) / 8)
    // An uncompressed point: 4, x, y (SEC 1 §2.3.3).
    if (second?.toString('latin1') !== curve || third?.[0] !== 4 || third.length !== 1 + 2 * width)
      refuse(BROKEN)
  }
}

/** Strings with their length before them (RFC 4251 §5). */
function fieldsOf(blob: Buffer): Buffer[] {
  const fields: Buffer[] = []
  let at = 0
  while (at < blob.length) {
    if (at + 4 > blob.length) refuse(BROKEN)
    const end = at + 4 + blob.readUInt32BE(at)
    if (end > blob.length) refuse(BROKEN)
    fields.push(blob.subarray(at + 4, end))
    at = end
  }
  return fields
}

function refuse(details: string): never {
  throw new CodedError('ParseSshKey', details)
}
