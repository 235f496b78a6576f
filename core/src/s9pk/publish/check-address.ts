import { type Commitment, openS9pkUrl } from '@startd/base/s9pk/index.ts'
import { CodedError } from '@startd/base/errors.ts'
import { nativeHash } from '../blake3.ts'
import type { UploadOptions } from './upload.ts'

/** Downloads the package from an address, all of it, and checks that it is the one that was committed to. */
export async function checkAddress(
  url: string,
  commitment: Commitment,
  { onProgress, signal }: UploadOptions = {},
): Promise<void> {
  const done = new AbortController()
  const ends = signal ? AbortSignal.any([signal, done.signal]) : done.signal
  try {
    const s9pk = await openS9pkUrl(url, { hash: nativeHash, commitment, signal: ends })
    // In the order of the file, for servers that can only send it from the beginning on.
    const members = s9pk.members().sort((a, b) => a.offset - b.offset)
    const total = members.reduce((sum, { size }) => sum + size, 0)
    let read = 0
    for (const { path } of members) {
      for await (const piece of s9pk.stream(path)) {
        read += piece.length
        onProgress?.(read, total)
      }
    }
  } catch (cause) {
    signal?.throwIfAborted()
    if (!(cause instanceof CodedError)) throw cause
    throw new CodedError(cause.kind, `${url} does not answer with this package: ${cause.details}`, { cause })
  } finally {
    done.abort()
  }
}
