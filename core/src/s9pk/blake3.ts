import { type StartHash, portableHash } from '@startd/base/s9pk/index.ts'

/** The library has no build for this processor, which then hashes slowly but correctly. */
const native = process.arch === 'riscv64' ? null : await import('@napi-rs/blake-hash')

/** Native BLAKE3 at several GB/s, so hashing on the main thread costs less than handing bytes to another one. */
export const nativeHash: StartHash = () => {
  if (!native) return portableHash()
  const hasher = new native.Blake3Hasher()
  return {
    update: (bytes) => hasher.update(bytes),
    digest: () => hasher.digestBuffer(),
  }
}
