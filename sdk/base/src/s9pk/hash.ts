import { blake3 } from '@noble/hashes/blake3.js'

/** A running BLAKE3-256. */
export interface Hasher {
  update(bytes: Uint8Array): unknown
  digest(): Uint8Array
}

/** Starts a hash. Programs with a native BLAKE3 pass their own; the one here is portable and slower. */
export type StartHash = () => Hasher

export const portableHash: StartHash = () => blake3.create()

export function hashOf(start: StartHash, ...parts: Uint8Array[]): Uint8Array {
  const hasher = start()
  for (const part of parts) hasher.update(part)
  return hasher.digest()
}
