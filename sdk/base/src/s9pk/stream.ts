import { CodedError } from '../errors.ts'
import type { OpenOptions } from './archive.ts'
import { walk } from './directory.ts'
import { S9pkError } from './error.ts'
import { portableHash } from './hash.ts'
import { HEADER_SIZE } from './header.ts'
import { isIcon } from './media-type.ts'
import { S9pk } from './s9pk.ts'
import type { ByteSource } from './source.ts'
import { StreamingVerifier, isDocument } from './streaming-verifier.ts'
import { checkLength, regionsOf } from './tree.ts'

export interface StreamOptions extends OpenOptions {
  /** Largest package to accept, in bytes. */
  maxSize?: number
}

/** A package that is still arriving. */
export interface S9pkStream {
  /** Manifest, icon and texts can be read; its other files pass by. */
  readonly s9pk: S9pk
  /** Reads the rest of the stream and verifies every file as it passes. `onProgress` gets bytes passed and bytes in all. */
  rest(onProgress?: (passed: number, total: number) => void): Promise<void>
}

/** Texts and icons up to this size are kept. */
const SMALL = 1024 * 1024

/**
 * Opens a package that comes as a stream, from wherever: everything is verified as it passes, and nothing but tables,
 * texts and icons is held. Reads as far as those reach. The stream belongs to the caller. Throws S9pkError.
 */
export async function openS9pkStream(
  stream: AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>,
  { hash = portableHash, commitment = null, maxSize = Number.MAX_SAFE_INTEGER }: StreamOptions = {},
): Promise<S9pkStream> {
  const chunks = chunksOf(stream)
  const verifier = new StreamingVerifier({ hash, commitment, maxSize, keep: isKept })
  const next = async (): Promise<boolean> => {
    const { done, value } = await chunks.next()
    if (value) verifier.push(value)
    return done !== true
  }
  while (!hasTexts(verifier)) {
    if (await next()) continue
    checkEnd(verifier)
    break
  }
  const { manifest } = verifier
  if (!manifest)
    throw new S9pkError('missing-file', 'the package has no manifest.json; ask its author for a complete one')
  return {
    s9pk: new S9pk(verifier.archive(textsOf(verifier)), manifest),
    rest: async (onProgress) => {
      do onProgress?.(verifier.position, verifier.announcedSize)
      while (await next())
      checkEnd(verifier)
    },
  }
}

function isKept(file: { path: string; size: number }): boolean {
  if (isDocument(file)) return true
  const { path, size } = file
  const name = path.slice(path.lastIndexOf('/') + 1)
  return (
    size <= SMALL && (/^(LICENSE|instructions)\.md$/.test(path) || isIcon(name) || name === 'metadata.json')
  )
}

function hasTexts(verifier: StreamingVerifier): boolean {
  if (!verifier.complete || !verifier.manifest) return false
  for (const [path, entry] of walk(verifier.root)) {
    if (entry.kind === 'file' && isKept({ path, size: entry.size }) && !verifier.documents.has(path))
      return false
  }
  return true
}

/** Throws what is wrong with a stream that ended here. */
function checkEnd(verifier: StreamingVerifier): void {
  const header = verifier.requireHeader()
  if (verifier.tablesBehind.length > 0 || verifier.filesBehind.length > 0)
    throw new CodedError(
      'InvalidRequest',
      'this package lists its files behind them, so it cannot be read as a stream; save it as a file first',
    )
  checkLength(regionsOf(header, HEADER_SIZE, verifier.root), verifier.position)
}

/** What was kept, at the places where it lay. */
function textsOf(verifier: StreamingVerifier): ByteSource {
  const kept = [...walk(verifier.root)].flatMap(([path, entry]) => {
    const bytes = verifier.documents.get(path)
    return entry.kind === 'file' && bytes ? [{ position: entry.position, bytes }] : []
  })
  return {
    size: null,
    read: async (offset, length) => {
      for (const { position, bytes } of kept) {
        if (position <= offset && offset + length <= position + bytes.length)
          return bytes.subarray(offset - position, offset - position + length)
      }
      throw new CodedError('InvalidRequest', 'only texts and icons of a package can be read while it arrives')
    },
  }
}

/** Not every browser can iterate over a stream by itself. */
function chunksOf(
  stream: AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>,
): Pick<AsyncIterator<Uint8Array>, 'next'> {
  if (!('getReader' in stream)) return stream[Symbol.asyncIterator]()
  const reader = stream.getReader()
  return {
    next: async () => {
      const { done, value } = await reader.read()
      return done ? { done, value: undefined } : { done, value }
    },
  }
}
