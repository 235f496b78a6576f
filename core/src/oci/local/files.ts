import { createReadStream, createWriteStream } from 'node:fs'
import { open, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { CodedError } from '@startd/base/errors.ts'
import { fileError } from '../../s9pk/file-error.ts'
import { decompressed } from '../decompress.ts'
import { IMAGE_LIMITS, MAX_DOCUMENT } from '../limits.ts'
import { readTar } from '../tar/read.ts'

/** Files of a directory or of a tar archive, by their path in it. */
export interface Files {
  /** How messages call the place. */
  readonly what: string
  has(path: string): Promise<boolean>
  open(path: string): AsyncIterable<Uint8Array>
}

const PIECE = 256 * 1024

/** Opens a directory, or a tar archive that may be packed; a packed one is unpacked to `spool` first. */
export async function openFiles(path: string, spool: () => string): Promise<Files> {
  const info = await stat(path).catch((cause: unknown) => {
    throw fileError(cause, `could not read ${path}`)
  })
  return info.isDirectory() ? directoryFiles(path) : archiveFiles(path, await unpacked(path, spool))
}

/** A document of at most 4 MiB. */
export async function readDocument(files: Files, path: string): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of files.open(path)) {
    length += chunk.length
    if (length > MAX_DOCUMENT) throw new CodedError('Pack', `${path} of ${files.what} is too long`)
    chunks.push(Buffer.from(chunk))
  }
  return Buffer.concat(chunks)
}

export function fileChunks(
  path: string,
  range: { start?: number; end?: number } = {},
): AsyncIterable<Uint8Array> {
  return {
    async *[Symbol.asyncIterator]() {
      try {
        for await (const chunk of createReadStream(path, { ...range, highWaterMark: PIECE })) {
          yield chunk as Uint8Array
        }
      } catch (cause) {
        throw fileError(cause, `could not read ${path}`)
      }
    },
  }
}

function directoryFiles(directory: string): Files {
  return {
    what: directory,
    has: (path) =>
      stat(join(directory, path)).then(
        (info) => info.isFile(),
        () => false,
      ),
    open: (path) => fileChunks(join(directory, path)),
  }
}

/** Old archives have a layer that comes twice as a link to the first. */
type Place = { start: number; size: number } | { link: string }

async function archiveFiles(name: string, path: string): Promise<Files> {
  const places = new Map<string, Place>()
  const limits = { bytes: IMAGE_LIMITS.unpacked, entries: 100_000 }
  for await (const { entry, offset } of readTar(fileChunks(path), name, limits)) {
    const key = normal(entry.path)
    if (entry.type === 'file') places.set(key, { start: offset, size: entry.size })
    if (entry.type === 'link') places.set(key, { link: normal(entry.linkname) })
    if (entry.type === 'symlink') places.set(key, { link: normal(`${key}/../${entry.linkname}`) })
  }
  const find = (key: string, hops = 0): { start: number; size: number } | null => {
    const place = places.get(normal(key))
    if (place === undefined || hops > 5) return null
    return 'link' in place ? find(place.link, hops + 1) : place
  }
  return {
    what: name,
    has: async (key) => find(key) !== null,
    open: (key) => {
      const place = find(key)
      if (place === null) throw new CodedError('NotFound', `${name} has no ${key}`)
      const { start, size } = place
      return size === 0 ? Readable.from([]) : fileChunks(path, { start, end: start + size - 1 })
    },
  }
}

function normal(path: string): string {
  return join('/', path).slice(1)
}

async function unpacked(path: string, spool: () => string): Promise<string> {
  if (!(await isPacked(path))) return path
  const target = spool()
  try {
    await pipeline(
      Readable.from(decompressed(fileChunks(path), path), { objectMode: false }),
      limited(path),
      createWriteStream(target, { flags: 'wx' }),
    )
  } catch (cause) {
    await rm(target, { force: true })
    throw fileError(cause, `could not unpack ${path}`)
  }
  return target
}

function limited(path: string) {
  return async function* (source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let left = IMAGE_LIMITS.unpacked
    for await (const chunk of source) {
      left -= chunk.length
      if (left < 0) throw new CodedError('Pack', `${path} unpacks to more than an image may hold`)
      yield chunk
    }
  }
}

/** An unpacked archive says “ustar” in its first header; one of the seventies that does not is read as it is. */
async function isPacked(path: string): Promise<boolean> {
  await using handle = await open(path, 'r')
  const { buffer } = await handle.read(Buffer.alloc(6), 0, 6, 0)
  return ['1f8b', '28b52ffd', 'fd377a585a00', '425a68'].some((magic) =>
    buffer.toString('hex').startsWith(magic),
  )
}
