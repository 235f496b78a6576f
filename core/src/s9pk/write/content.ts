import { open, readFile, stat } from 'node:fs/promises'
import { hashOf } from '@startd/base/s9pk/index.ts'
import { nativeHash } from '../blake3.ts'
import { fileError } from '../file-error.ts'
import { identityOf } from './file-identity.ts'

/** A stretch of a file on disk. */
export interface FileStretch {
  path: string
  position: number
  /** The state in which the file must still be when it is copied; null where a hash tells. */
  identity: string | null
}

/** The content of a file to be packed. */
export interface Content {
  size: number
  /** BLAKE3 of the bytes; null while nobody knows it: the writer then takes it while it copies. */
  hash: Uint8Array | null
  /** Where the bytes lie on disk, so that they need not pass through the main thread. */
  stretch?: FileStretch
  /** The bytes in order; each piece is good until the next one is asked for. */
  read(): AsyncIterable<Uint8Array>
  /** Tells whoever keeps hashes what the writer found. */
  onHash?: (hash: Uint8Array) => void
}

const PIECE = 1024 * 1024
/** Files up to this size are taken into memory at once. */
const SMALL = 64 * 1024

export function bytesContent(bytes: Uint8Array): Content {
  return {
    hash: hashOf(nativeHash, bytes),
    size: bytes.length,
    async *read() {
      yield bytes
    },
  }
}

/** A file on disk. A large one is hashed when it is copied. */
export async function fileContent(path: string): Promise<Content> {
  try {
    const info = await stat(path, { bigint: true })
    const size = Number(info.size)
    if (size <= SMALL) return bytesContent(await readFile(path))
    return {
      size,
      hash: null,
      stretch: { path, position: 0, identity: identityOf(info) },
      read: () => readPieces(path),
    }
  } catch (cause) {
    throw fileError(cause, `could not read ${path}`)
  }
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
