import { Blake3Hasher } from '@napi-rs/blake-hash'
import type { StartHash } from '@startd/base/s9pk/index.ts'

/** Native BLAKE3 at several GB/s, so hashing on the main thread costs less than handing bytes to another one. */
export const nativeHash: StartHash = () => {
  const hasher = new Blake3Hasher()
  return {
    update: (bytes) => hasher.update(bytes),
    digest: () => hasher.digestBuffer(),
  }
}
