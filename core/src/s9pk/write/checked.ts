import { CodedError } from '@startd/base/errors.ts'
import { sameBytes } from '@startd/base/s9pk/index.ts'
import { nativeHash } from '../blake3.ts'
import type { FileBody } from './layout.ts'

/**
 * Passes the content of a file on and puts its hash into the tree at the end. Throws when that is not the hash that was
 * promised, or when the length is another one.
 */
export async function* checked(body: FileBody): AsyncGenerator<Uint8Array> {
  const hasher = nativeHash()
  let size = 0
  for await (const piece of body.content.read()) {
    size += piece.length
    if (size > body.entry.size) break
    hasher.update(piece)
    yield piece
  }
  if (size !== body.entry.size) throw changed(body.path)
  settleHash(body, hasher.digest())
}

/** Puts the hash that was found into the tree; refuses it when another one was promised. */
export function settleHash({ entry, content, path }: FileBody, found: Uint8Array): void {
  content.onHash?.(found)
  if (content.hash !== null && !sameBytes(content.hash, found)) throw changed(path)
  entry.hash = found
}

function changed(path: string): CodedError {
  return new CodedError('Pack', `${path} changed while the package was written; try again`)
}
