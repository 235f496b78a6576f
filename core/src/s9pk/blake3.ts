import { type StartHash, portableHash } from '@startd/base/s9pk/hash.ts'

/** The library has no build for this processor, which then hashes slowly but correctly. */
const native = process.arch === 'riscv64' ? null : await import('@napi-rs/blake-hash')

/** Native BLAKE3 at several GB/s. Loads nothing but the hash, so that a thread can start with it at once. */
export const nativeHash: StartHash = () => {
  if (!native) return portableHash()
  const hasher = new native.Blake3Hasher()
  return {
    update: (bytes) => hasher.update(bytes),
    digest: () => hasher.digestBuffer(),
  }
}
