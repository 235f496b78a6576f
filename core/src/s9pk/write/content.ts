import { open } from 'node:fs/promises'
import { hashOf } from '@startd/base/s9pk/index.ts'
import { nativeHash } from '../blake3.ts'
import { fileError } from '../file-error.ts'

/** The content of a file to be packed. Hash and size are taken once; the writer checks that they still hold. */
export interface Content {
  hash: Uint8Array
  size: number
  /** The bytes in order; each piece is good until the next one is asked for. */
  read(): AsyncIterable<Uint8Array>
}

const PIECE = 1024 * 1024

export function bytesContent(bytes: Uint8Array): Content {
  return {
    hash: hashOf(nativeHash, bytes),
    size: bytes.length,
    async *read() {
      yield bytes
    },
  }
}

/** Hashes a file on disk. */
export async function fileContent(path: string): Promise<Content> {
  const hasher = nativeHash()
  let size = 0
  for await (const piece of readPieces(path)) {
    hasher.update(piece)
    size += piece.length
  }
  return { hash: hasher.digest(), size, read: () => readPieces(path) }
}

/** Two buffers in turn: the next piece is already being read while one is used. */
async function* readPieces(path: string): AsyncGenerator<Uint8Array> {
  try {
    await using handle = await open(path, 'r')
    let [buffer, other] = [Buffer.allocUnsafeSlow(PIECE), Buffer.allocUnsafeSlow(PIECE)]
    let next = handle.read(buffer, 0, PIECE)
    for (;;) {
      const { bytesRead } = await next
      if (bytesRead === 0) return
      const piece = buffer.subarray(0, bytesRead)
      ;[buffer, other] = [other, buffer]
      next = handle.read(buffer, 0, PIECE)
      // Whoever asks for the piece sees its failure; nobody does when the writer has given up.
      next.catch(() => undefined)
      yield piece
    }
  } catch (cause) {
    throw fileError(cause, `could not read ${path}`)
  }
}
