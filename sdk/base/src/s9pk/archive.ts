import { concat, sameBytes } from './bytes.ts'
import { type Directory, type FileEntry, lookUp } from './directory.ts'
import { S9pkError, damaged, tooLarge, truncated, untrusted } from './error.ts'
import { type StartHash, portableHash } from './hash.ts'
import { type Commitment, HEADER_SIZE, type Header, readArchiveHeader, readHeader } from './header.ts'
import type { ByteSource } from './source.ts'
import { TreeBuilder, checkLength, regionsOf } from './tree.ts'

export interface OpenOptions {
  /** A faster BLAKE3 than the portable one. */
  hash?: StartHash
  /** The exact archive that is expected; without it any validly signed one is opened. */
  commitment?: Commitment | null
}

/** A signed tree of files inside a byte source: tables are verified, contents are not yet read. */
export interface Archive {
  source: ByteSource
  hash: StartHash
  header: Header
  root: Directory
}

/** Size of the pieces in which large members are read. */
const PIECE = 1024 * 1024

/** Opens a package: header, signature and every table of contents are verified; no file is read. */
export async function openArchive(source: ByteSource, options: OpenOptions = {}): Promise<Archive> {
  const header = readHeader(await source.read(0, HEADER_SIZE), options.commitment)
  return readTree(source, header, HEADER_SIZE, options.hash ?? portableHash)
}

/** Opens an archive that has no package magic and was signed for `context`. */
export async function openBareArchive(
  source: ByteSource,
  context: string,
  options: OpenOptions = {},
): Promise<Archive> {
  const headerSize = HEADER_SIZE - 3
  const header = readArchiveHeader(await source.read(0, headerSize), context, options.commitment)
  return readTree(source, header, headerSize, options.hash ?? portableHash)
}

async function readTree(
  source: ByteSource,
  header: Header,
  headerSize: number,
  hash: StartHash,
): Promise<Archive> {
  const tree = new TreeBuilder(hash)
  const pending = [tree.start(header)]
  for (let table = pending.shift(); table; table = pending.shift()) {
    const bytes = await readExactly(
      source,
      table.position,
      table.size,
      `the table of contents of ${table.path || 'the package'}`,
    )
    pending.push(...tree.add(table, bytes))
  }
  checkLength(regionsOf(header, headerSize, tree.root), source.size)
  return { source, hash, header, root: tree.root }
}

/** The file at `path`. Entry kinds are not signed, so the kind is checked here and never guessed from a hash. */
export function fileAt(root: Directory, path: string): FileEntry {
  const entry = lookUp(root, path)
  if (entry?.kind === 'file') return entry
  if (entry?.kind === 'directory')
    throw new S9pkError('missing-file', `${path} is a directory, not a file`, { kind: 'NotFound' })
  const text = entry
    ? `${path} was left out of this copy of the package`
    : `there is no ${path} in the package`
  throw new S9pkError('missing-file', text, { kind: 'NotFound' })
}

/** The whole verified content of a file that is no longer than `limit` bytes. */
export async function readVerified(archive: Archive, path: string, limit: number): Promise<Uint8Array> {
  const entry = fileAt(archive.root, path)
  if (entry.size > limit) throw tooLarge(`${path} in the package is larger than ${limit} bytes`)
  const pieces: Uint8Array[] = []
  for await (const piece of readChecked(archive, path)) pieces.push(piece)
  return concat(pieces)
}

/** Reads a file piece by piece and throws at its end if it is not what was signed. */
export async function* readChecked(archive: Archive, path: string): AsyncGenerator<Uint8Array> {
  const { position, size, hash } = fileAt(archive.root, path)
  const hasher = archive.hash()
  const read: ReadPiece = (at, length) => readExactly(archive.source, position + at, length, path)
  for await (const piece of piecesOf(size, read)) {
    hasher.update(piece)
    yield piece
  }
  if (!sameBytes(hasher.digest(), hash)) throw mismatch(path)
}

/** Reads a file and throws if it is not what was signed; `onPiece` gets the length of each piece that was read. */
export async function checkFile(
  archive: Archive,
  path: string,
  onPiece: (length: number) => void,
): Promise<void> {
  const { position, size, hash } = fileAt(archive.root, path)
  const hasher = archive.hash()
  for await (const piece of piecesOf(size, intoTwoBuffers(archive.source, position, size, path))) {
    hasher.update(piece)
    onPiece(piece.length)
  }
  if (!sameBytes(hasher.digest(), hash)) throw mismatch(path)
}

export function mismatch(path: string): S9pkError {
  return untrusted(`${path} in the package does not match its hash`)
}

type ReadPiece = (at: number, length: number) => Promise<Uint8Array>

/** The next piece is already being read while one is used. */
async function* piecesOf(size: number, readPiece: ReadPiece): AsyncGenerator<Uint8Array> {
  const read = (at: number) => {
    const piece = readPiece(at, Math.min(PIECE, size - at))
    // Whoever waits for the piece sees its failure; nobody waits when the reader has given up.
    piece.catch(() => undefined)
    return piece
  }
  let next = size > 0 ? read(0) : null
  for (let at = PIECE; next; at += PIECE) {
    const piece = await next
    next = at < size ? read(at) : null
    yield piece
  }
}

/** Reads in turn into two buffers, which is faster than fresh memory for each piece: a piece is good until the next one. */
function intoTwoBuffers(source: ByteSource, position: number, size: number, path: string): ReadPiece {
  if (!source.readInto) return (at, length) => readExactly(source, position + at, length, path)
  let [buffer, other] = [new Uint8Array(Math.min(PIECE, size)), new Uint8Array(Math.min(PIECE, size))]
  return (at, length) => {
    ;[buffer, other] = [other, buffer]
    const target = buffer.subarray(0, length)
    return exactly(source, position + at, length, path, () => source.readInto!(target, position + at))
  }
}

function readExactly(source: ByteSource, offset: number, length: number, what: string): Promise<Uint8Array> {
  return exactly(source, offset, length, what, () => source.read(offset, length))
}

async function exactly(
  source: ByteSource,
  offset: number,
  length: number,
  what: string,
  read: () => Promise<Uint8Array>,
): Promise<Uint8Array> {
  if (!Number.isSafeInteger(offset + length)) throw damaged(`${what} lies beyond any possible file`)
  if (source.size !== null && offset + length > source.size)
    throw truncated(`it ends before the end of ${what}`)
  const bytes = await read()
  if (bytes.length !== length) throw truncated(`it ends before the end of ${what}`)
  return bytes
}
