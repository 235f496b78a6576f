import { ed25519, ed25519ph } from '@noble/curves/ed25519.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { base64, concat, sameBytes, u64, utf8 } from './bytes.ts'

const { Point } = ed25519

/** What a package signature covers: root hash and the largest length of the root table. */
export function signedMessage(root: Uint8Array, rootMaxsize: number): Uint8Array {
  return concat([root, u64(rootMaxsize)])
}

/** Ed25519ph of RFC 8032 with a context string. Deterministic. */
export function sign(message: Uint8Array, seed: Uint8Array, context: string): Uint8Array {
  return ed25519ph.sign(message, seed, { context: utf8.encode(context) })
}

export function publicKeyOf(seed: Uint8Array): Uint8Array {
  return ed25519ph.getPublicKey(seed)
}

/** Good signatures that were seen lately: a server opens the same few packages again and again, at 7 ms each. */
const known = new Set<string>()
const MOST_KNOWN = 256

/**
 * Strict Ed25519ph verification: canonical encodings, no key or nonce of small order, and the equation
 * without cofactor, so that every implementation gives the same answer for a signature.
 */
export function verifySignature(
  signature: Uint8Array,
  message: Uint8Array,
  publicKey: Uint8Array,
  context: string,
): boolean {
  const all = [base64(signature), base64(message), base64(publicKey), context].join(' ')
  if (known.has(all)) return true
  if (!verifyAfresh(signature, message, publicKey, context)) return false
  const [oldest = ''] = known
  if (known.size >= MOST_KNOWN) known.delete(oldest)
  known.add(all)
  return true
}

function verifyAfresh(
  signature: Uint8Array,
  message: Uint8Array,
  publicKey: Uint8Array,
  context: string,
): boolean {
  const contextBytes = utf8.encode(context)
  if (!ed25519ph.verify(signature, message, publicKey, { context: contextBytes, zip215: false })) return false
  const nonce = signature.subarray(0, 32)
  const key = Point.fromBytes(publicKey, false)
  if (Point.fromBytes(nonce, false).isSmallOrder() || key.isSmallOrder()) return false
  const domain = concat([
    utf8.encode('SigEd25519 no Ed25519 collisions'),
    Uint8Array.of(1, contextBytes.length),
    contextBytes,
  ])
  const challenge = littleEndian(sha512(concat([domain, nonce, publicKey, sha512(message)]))) % Point.Fn.ORDER
  const scalar = littleEndian(signature.subarray(32))
  const expected = Point.BASE.multiplyUnsafe(scalar).subtract(key.multiplyUnsafe(challenge))
  return sameBytes(expected.toBytes(), nonce)
}

function littleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n)
}
