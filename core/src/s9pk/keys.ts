import { randomBytes } from 'node:crypto'
import { CodedError } from '@startd/base/errors.ts'
import { base64, fromBase64, publicKeyOf, sameBytes } from '@startd/base/s9pk/index.ts'

/** PKCS#8 of an Ed25519 key: version 0 (RFC 5208) or 1 (RFC 5958, with the public key at its end). */
const PKCS8 = /^30(?:2e020100|51020101)300506032b657004220420([0-9a-f]{64})(?:812100([0-9a-f]{64}))?$/

/** A fresh signing key: its 32-byte Ed25519 seed. */
export function newSeed(): Uint8Array {
  return randomBytes(32)
}

/** Reads a private key file. Throws Pem and says what is wrong with it. */
export function readPrivateKey(pem: string): Uint8Array {
  const match = /-----BEGIN ([A-Z0-9 ]+)-----\s*([A-Za-z0-9+/=\s]+?)\s*-----END \1-----/.exec(pem)
  if (!match) throw bad('the file is not a PEM key')
  const [, label, body] = match
  if (label !== 'PRIVATE KEY') throw bad(`the file holds a ${label}, not a PRIVATE KEY`)
  const parts = PKCS8.exec(Buffer.from(body ?? '', 'base64').toString('hex'))
  if (!parts?.[1]) throw bad('the key is not an Ed25519 key')
  const seed = Buffer.from(parts[1], 'hex')
  if (parts[2] && !sameBytes(Buffer.from(parts[2], 'hex'), publicKeyOf(seed))) {
    throw bad('the two halves of the key do not belong together')
  }
  return seed
}

/** The PEM text of a private key, as other tools for these packages write it. */
export function printPrivateKey(seed: Uint8Array): string {
  const prefix = fromBase64('MFECAQEwBQYDK2VwBCIEIA==')
  const der = Buffer.concat([prefix, seed, Buffer.from('812100', 'hex'), publicKeyOf(seed)])
  const lines = base64(der).match(/.{1,64}/g) ?? []
  return `-----BEGIN PRIVATE KEY-----\n${lines.join('\n')}\n-----END PRIVATE KEY-----\n`
}

/** The PEM text of a signature, as registries exchange it. */
export function printSignature(signature: Uint8Array): string {
  const der = Buffer.concat([Buffer.from('3049300506032b65700440', 'hex'), signature])
  const lines = base64(der).match(/.{1,64}/g) ?? []
  return `-----BEGIN SIGNATURE-----\n${lines.join('\n')}\n-----END SIGNATURE-----\n`
}

function bad(what: string): CodedError {
  return new CodedError('Pem', `${what}; make a new one with “start-cli init-key”`)
}
