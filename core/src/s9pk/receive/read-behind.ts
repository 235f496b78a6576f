import { type ByteSource, truncated } from '@startd/base/s9pk/index.ts'
import { nativeHash } from '../blake3.ts'
import type { ExpectedFile } from '@startd/base/s9pk/region-queue.ts'
import { type StreamingVerifier, isDocument } from '@startd/base/s9pk/streaming-verifier.ts'

const PIECE = 1024 * 1024

/** Reads the tables that passed before they were announced; they may announce more of their kind. */
export async function readTablesBehind(verifier: StreamingVerifier, source: ByteSource): Promise<void> {
  for (let next = verifier.tablesBehind.pop(); next; next = verifier.tablesBehind.pop()) {
    verifier.addTable(next.table, await piece(source, next.position, next.size, next.path))
  }
}

/** Checks the files that passed before they were announced, out of the file that was written. */
export async function readFilesBehind(verifier: StreamingVerifier, source: ByteSource): Promise<void> {
  for (const expected of verifier.filesBehind) await readFile(verifier, source, expected)
}

async function readFile(
  verifier: StreamingVerifier,
  source: ByteSource,
  expected: ExpectedFile,
): Promise<void> {
  const { entry, path } = expected
  const hasher = nativeHash()
  const kept: Uint8Array[] = []
  for (let at = 0; at < entry.size; at += PIECE) {
    const bytes = await piece(source, entry.position + at, Math.min(PIECE, entry.size - at), path)
    hasher.update(bytes)
    if (isDocument(expected)) kept.push(bytes)
  }
  verifier.addFile(path, entry, hasher.digest(), isDocument(expected) ? Buffer.concat(kept) : null)
}

async function piece(source: ByteSource, offset: number, length: number, path: string): Promise<Uint8Array> {
  const bytes = await source.read(offset, length)
  if (bytes.length !== length) throw truncated(`it ends before the end of ${path}`)
  return bytes
}
