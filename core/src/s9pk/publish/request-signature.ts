import { randomBytes } from 'node:crypto'
import { base64, hashOf, publicKeyOf, publicKeyPem, sign } from '@startd/base/s9pk/index.ts'
import { nativeHash } from '../blake3.ts'
import { printSignature } from '../keys.ts'

/** Header that carries the signature of a request. */
export const SIGNATURE_HEADER = 'X-StartOS-Auth-Sig'

export interface RequestSigner {
  seed: Uint8Array
  /** Name of the server that the request is for; no other one accepts it. */
  context: string
}

/** What makes each request a new one. */
export interface Freshness {
  /** Seconds since 1970. */
  timestamp: number
  nonce: bigint
}

/** The value of the signature header for a request body (registry.md §4). Good for 30 seconds. */
export function signRequest(
  body: Uint8Array,
  { seed, context }: RequestSigner,
  { timestamp, nonce } = fresh(),
): string {
  const hash = hashOf(nativeHash, body)
  const message = requestMessage({ timestamp, nonce }, body.length, hash)
  return new URLSearchParams({
    timestamp: String(timestamp),
    nonce: String(nonce),
    size: String(body.length),
    blake3: base64(hash).replace(/=+$/, ''),
    signer: publicKeyPem(publicKeyOf(seed)),
    signature: printSignature(sign(message, seed, context)),
  }).toString()
}

/** What the signature of a request covers: when, which one, and the body by its length and BLAKE3. */
export function requestMessage({ timestamp, nonce }: Freshness, size: number, hash: Uint8Array): Uint8Array {
  const message = Buffer.alloc(56)
  message.writeBigInt64BE(BigInt(timestamp), 0)
  message.writeBigUInt64BE(nonce, 8)
  message.writeBigUInt64BE(BigInt(size), 16)
  message.set(hash, 24)
  return message
}

function fresh(): Freshness {
  return { timestamp: Math.floor(Date.now() / 1000), nonce: randomBytes(8).readBigUInt64BE() }
}
