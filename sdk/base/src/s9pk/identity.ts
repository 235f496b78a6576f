import { base32 } from '../base32.ts'
import { base64 } from './bytes.ts'

/** DER of an Ed25519 SubjectPublicKeyInfo before its 32 key bytes (RFC 8410). */
const SPKI_PREFIX = Uint8Array.of(0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00)

/** The PEM text of a public key, exactly as it is used as a map key: LF line ends and a final newline. */
export function publicKeyPem(publicKey: Uint8Array): string {
  const der = new Uint8Array([...SPKI_PREFIX, ...publicKey])
  return `-----BEGIN PUBLIC KEY-----\n${base64(der)}\n-----END PUBLIC KEY-----\n`
}

/** The file name, without extension, under which a server keeps the package with this root hash. */
export function archiveName(root: Uint8Array): string {
  return base32(root).toLowerCase()
}
