import { CodedError } from '@startd/base/errors.ts'
import { ByteReader } from './byte-reader.ts'
import type { TarEntry, TarType } from './entry.ts'
import { BLOCK, type ByteString, HeaderError, type RawHeader, parseHeader } from './header.ts'
import { type PaxRecords, parsePax, paxNumber, xattrsOf } from './pax.ts'
import { type SparseFile, gnuSparse, paxSparse, whole, withHoles } from './sparse.ts'

export interface TarLimits {
  /** Bytes of the whole archive, unpacked. */
  bytes: number
  entries: number
}

export interface TarItem {
  entry: TarEntry
  /** Where the stored content begins in the archive. */
  offset: number
  /** The content, holes filled. It must be read before the next item is asked for, or not at all. */
  content: () => AsyncIterable<Uint8Array>
}

/** Longest extended header or name: attributes hold up to 64 KiB each. */
const MAX_EXTENSION = 1024 * 1024
const MAX_TIME = 2 ** 32 - 1
const MAX_ID = 2 ** 32 - 2

const TYPES: Record<string, TarType> = {
  '0': 'file',
  '1': 'link',
  '2': 'symlink',
  '3': 'device',
  '4': 'device',
  '5': 'directory',
  '6': 'fifo',
  '7': 'file',
  D: 'directory',
  S: 'file',
}

/**
 * Reads a tar archive (ustar, pax, GNU, V7) entry by entry as it streams in, and to its very end. Damage,
 * and sizes beyond the limits, are coded errors that begin with `what`.
 */
export async function* readTar(
  source: AsyncIterable<Uint8Array>,
  what: string,
  limits: TarLimits,
): AsyncGenerator<TarItem> {
  const reader = new ByteReader(source, what, limits.bytes)
  try {
    const headers = new Headers(reader)
    let [count, unpacked] = [0, 0]
    for (let next = await headers.next(); next !== null; next = await headers.next()) {
      const { entry, stored, sparse } = next
      unpacked += entry.size
      if (++count > limits.entries || unpacked > limits.bytes) {
        throw new CodedError('Pack', `${what} is larger than the limit of ${limit(limits)}`)
      }
      const offset = reader.position
      const body = contentOf(reader, stored)
      yield { entry, offset, content: () => (sparse === null ? body : withHoles(body, sparse)) }
      // The consumer's loop may have ended the body early; what is left is passed over.
      await reader.skip(stored + padding(stored) - (reader.position - offset))
    }
    await reader.drain()
  } catch (cause) {
    if (!(cause instanceof HeaderError)) throw cause
    throw new CodedError('Deserialization', `${what} is not a valid tar archive: ${cause.message}`, { cause })
  } finally {
    await reader.close()
  }
}

function limit({ bytes, entries }: TarLimits): string {
  return `${Math.floor(bytes / 2 ** 20)} MiB in ${entries} files`
}

function padding(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK
}

async function* contentOf(reader: ByteReader, size: number): AsyncGenerator<Uint8Array> {
  for (let left = size; left > 0;) {
    const piece = await reader.some(left)
    if (piece === null) throw reader.cut()
    left -= piece.length
    yield piece
  }
}

interface Next {
  entry: TarEntry
  /** Bytes of content that follow in the archive. */
  stored: number
  sparse: SparseFile | null
}

/** Gathers what several header blocks say of one entry. */
class Headers {
  readonly #reader: ByteReader
  readonly #global: PaxRecords = new Map()

  constructor(reader: ByteReader) {
    this.#reader = reader
  }

  async next(): Promise<Next | null> {
    const reader = this.#reader
    const records: PaxRecords = new Map(this.#global)
    const holes: number[] = []
    let longName: ByteString | null = null
    let longLink: ByteString | null = null
    for (;;) {
      const block = await reader.exactly(BLOCK)
      // Some archivers leave out the blocks that mark the end.
      if (block === null) return null
      const kept = Buffer.from(block)
      const header = parseHeader(kept)
      if (header === null) return this.#end()
      const { flag } = header
      if (flag === 'V') await reader.skip(header.size + padding(header.size))
      else if (flag === 'L') longName = untilNul(await this.#extension(header))
      else if (flag === 'K') longLink = untilNul(await this.#extension(header))
      else if (flag === 'g') merge(this.#global, parsePax(await this.#extension(header)), [], records)
      else if (flag === 'x' || flag === 'X') {
        merge(records, parsePax(await this.#extension(header)), holes)
      } else {
        if (longName !== null) header.name = longName
        if (longLink !== null) header.linkname = longLink
        return this.#entry(header, kept, records, holes)
      }
    }
  }

  async #end(): Promise<null> {
    const second = await this.#reader.exactly(BLOCK)
    if (second !== null && parseHeader(Buffer.from(second)) !== null) {
      throw new HeaderError('there are entries after its end mark')
    }
    return null
  }

  async #extension({ size }: RawHeader): Promise<Buffer> {
    if (size < 0 || size > MAX_EXTENSION) throw new HeaderError('an extended header is too long')
    const bytes = size === 0 ? Buffer.alloc(0) : await this.#reader.exactly(size)
    if (bytes === null) throw this.#reader.cut()
    const kept = Buffer.from(bytes)
    await this.#reader.skip(padding(size))
    return kept
  }

  async #entry(header: RawHeader, block: Buffer, records: PaxRecords, holes: number[]): Promise<Next> {
    const flagged = TYPES[header.flag]
    if (flagged === undefined) throw new HeaderError(`it has an entry of unknown type “${header.flag}”`)
    const path = records.get('path') || header.name
    // Archives of the seventies mark directories by their name alone.
    const type = flagged === 'file' && path.endsWith('/') ? 'directory' : flagged
    let stored = flagged === 'file' || header.flag === 'D' ? (paxNumber(records, 'size') ?? header.size) : 0
    if (stored < 0) throw new HeaderError('a file has a negative size')
    let sparse: SparseFile | null = null
    if (header.flag === 'S') sparse = await gnuSparse(block, this.#reader)
    else if (type === 'file') {
      const found = await paxSparse(records, holes, stored, this.#reader)
      if (found) [sparse, stored] = [found.file, found.stored]
    }
    const entry: TarEntry = {
      path: records.get('GNU.sparse.name') || path,
      type,
      mode: header.mode,
      uid: owner(paxNumber(records, 'uid') ?? header.uid),
      gid: owner(paxNumber(records, 'gid') ?? header.gid),
      mtime: Math.min(Math.max(paxNumber(records, 'mtime') ?? header.mtime, 0), MAX_TIME),
      size: type === 'file' ? (sparse?.size ?? stored) : 0,
      linkname: records.get('linkpath') || header.linkname,
      xattrs: xattrsOf(records),
    }
    return { entry, stored, sparse }
  }
}

function owner(id: number): number {
  if (id < 0 || id > MAX_ID) throw new HeaderError('a file has an impossible owner')
  return id
}

function untilNul(bytes: Buffer): ByteString {
  const end = bytes.indexOf(0)
  return bytes.toString('latin1', 0, end === -1 ? bytes.length : end)
}

/** Adds records; those of the oldest sparse format come more than once and are gathered in `holes`. */
function merge(
  into: PaxRecords,
  records: [ByteString, ByteString][],
  holes: number[],
  also: PaxRecords = new Map(),
): void {
  for (const [key, value] of records) {
    if (key === 'GNU.sparse.offset' || key === 'GNU.sparse.numbytes') holes.push(whole(value))
    for (const map of [into, also]) {
      if (value === '' && !key.includes('xattr.')) map.delete(key)
      else map.set(key, value)
    }
  }
}
