import { sha256 } from '@noble/hashes/sha2.js'
import { base32 } from '../base32.ts'
import { base64, fromBase64 } from './bytes.ts'

/** DER of an Ed25519 SubjectPublicKeyInfo before its 32 key bytes (RFC 8410). */
const SPKI_PREFIX = Uint8Array.of(0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00)

/** The PEM text of a public key, exactly as it is used as a map key: LF line ends and a final newline. */
export function publicKeyPem(publicKey: Uint8Array): string {
  const der = new Uint8Array([...SPKI_PREFIX, ...publicKey])
  return `-----BEGIN PUBLIC KEY-----\n${base64(der)}\n-----END PUBLIC KEY-----\n`
}

/** What a person compares of a public key: `SHA256:` and its hash in base64, as OpenSSH prints them. */
export function keyFingerprint(publicKey: Uint8Array): string {
  return `SHA256:${base64(sha256(publicKey)).replace(/=+$/, '')}`
}

/** The key bytes in a PEM of `publicKeyPem`; null for any other text. */
export function publicKeyOfPem(pem: string): Uint8Array | null {
  const body = /^-----BEGIN PUBLIC KEY-----\s+([A-Za-z0-9+/=\s]+)-----END PUBLIC KEY-----\s*$/.exec(pem)?.[1]
  if (body === undefined) return null
  const text = body.replace(/\s+/g, '')
  if (text.length % 4 !== 0) return null
  const der = fromBase64(text)
  const isKey = der.length === SPKI_PREFIX.length + 32 && SPKI_PREFIX.every((byte, at) => der[at] === byte)
  return isKey ? der.subarray(SPKI_PREFIX.length) : null
}

/** The file name, without extension, under which a server keeps the package with this root hash. */
export function archiveName(root: Uint8Array): string {
  return base32(root).toLowerCase()
}
