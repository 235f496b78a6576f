import type { Manifest } from '../manifest.ts'
import { type Archive, mismatch } from './archive.ts'
import { concat, sameBytes } from './bytes.ts'
import type { Directory, FileEntry } from './directory.ts'
import { tooLarge } from './error.ts'
import type { Hasher, StartHash } from './hash.ts'
import { type Commitment, HEADER_SIZE, type Header, checkMagic, readHeader } from './header.ts'
import { LIMITS } from './limits.ts'
import { isIcon } from './media-type.ts'
import { type Expected, type ExpectedFile, type ExpectedTable, RegionQueue } from './region-queue.ts'
import { readManifest } from './s9pk.ts'
import { type PendingTable, TreeBuilder } from './tree.ts'

export interface VerifierOptions {
  hash: StartHash
  /** Hashes a large file somewhere else while it is stored; asked in the order of the stream. */
  hashStored?: (position: number, size: number) => Promise<Uint8Array>
  commitment: Commitment | null
  /** Which files are kept in memory; manifest and icon when left out. */
  keep?: (file: { path: string; size: number }) => boolean
  /** Largest package to accept, in bytes; checked against what the tables announce. */
  maxSize: number
}

/** Files from this size on are hashed where they are stored. */
const LARGE = 1024 * 1024

/** What is being read now, and how many of its bytes are still to come. */
interface Current {
  expected: Expected
  remaining: number
  hasher: Hasher | null
  kept: Uint8Array[] | null
}

/**
 * Checks a package while its bytes pass by, in file order and without a second look: signature, limits and
 * tables before the contents that they announce, each file as its last byte arrives or, where it is large, shortly
 * after. What lies before the
 * table that announces it (allowed, though no packer does so) is left in `tablesBehind` and
 * `filesBehind` for a second reading.
 */
export class StreamingVerifier {
  readonly #options: VerifierOptions
  readonly #tree: TreeBuilder
  readonly #queue = new RegionQueue()
  readonly tablesBehind: ExpectedTable[] = []
  readonly filesBehind: ExpectedFile[] = []
  header: Header | null = null
  manifest: Manifest | null = null
  /** What was kept of the files that have passed, by path. */
  readonly documents = new Map<string, Uint8Array>()
  #headerBytes: Uint8Array = new Uint8Array(0)
  #position = 0
  #current: Current | null = null
  #pendingTables = 0
  #end = HEADER_SIZE
  readonly #checks: Promise<void>[] = []
  #failure: unknown = null

  constructor(options: VerifierOptions) {
    this.#options = options
    this.#tree = new TreeBuilder(options.hash)
  }

  get root(): Directory {
    return this.#tree.root
  }

  /** Bytes that have passed. */
  get position(): number {
    return this.#position
  }

  /** Throws what is wrong with a stream that ended before its header did. */
  requireHeader(): Header {
    return this.header ?? readHeader(this.#headerBytes)
  }

  /** `icon.<ext>` of the root and its bytes, once they have passed. */
  get icon(): { name: string; bytes: Uint8Array } | null {
    for (const [name, bytes] of this.documents) if (isIcon(name)) return { name, bytes }
    return null
  }

  /** Whether every table has been read, so that all that is in the package is known. */
  get complete(): boolean {
    return this.header !== null && this.#pendingTables === 0
  }

  /** Length of the package as far as the tables read up to now tell. */
  get announcedSize(): number {
    return this.#end
  }

  /** Takes the next bytes, which may be overwritten afterwards. Throws S9pkError at the first that cannot belong to a valid package. */
  push(chunk: Uint8Array): void {
    if (this.#failure) throw this.#failure
    let rest = this.header ? chunk : this.#takeHeader(chunk)
    while (rest.length > 0) {
      this.#current ??= this.#next()
      if (!this.#current) {
        const upcoming = this.#queue.peek()
        const gap = Math.min(rest.length, (upcoming?.position ?? Infinity) - this.#position)
        this.#position += gap
        rest = rest.subarray(gap)
        continue
      }
      const part = rest.subarray(0, this.#current.remaining)
      this.#take(this.#current, part)
      rest = rest.subarray(part.length)
    }
  }

  /** Fulfils when every large file that has passed was checked; throws what is wrong with one. */
  async checked(): Promise<void> {
    await Promise.all(this.#checks)
  }

  #takeHeader(chunk: Uint8Array): Uint8Array {
    const missing = HEADER_SIZE - this.#headerBytes.length
    this.#headerBytes = concat([this.#headerBytes, chunk.subarray(0, missing)])
    if (this.#headerBytes.length >= 3) checkMagic(this.#headerBytes)
    if (this.#headerBytes.length < HEADER_SIZE) return new Uint8Array(0)
    this.header = readHeader(this.#headerBytes, this.#options.commitment)
    this.#position = HEADER_SIZE
    this.#expectTable(this.#tree.start(this.header))
    return chunk.subarray(missing)
  }

  /** The region that starts here, if one does. */
  #next(): Current | null {
    for (let expected = this.#queue.peek(); expected; expected = this.#queue.peek()) {
      if (expected.position > this.#position) return null
      this.#queue.pop()
      if (expected.position < this.#position) {
        this.#leaveBehind(expected)
        continue
      }
      const keep = expected.kind === 'table' || (this.#options.keep ?? isDocument)(expected)
      const here = expected.kind === 'file' && (keep || !this.#checkLater(expected))
      const hasher = here ? this.#options.hash() : null
      return { expected, remaining: expected.size, hasher, kept: keep ? [] : null }
    }
    return null
  }

  /** False for a file that must be hashed here. */
  #checkLater({ path, entry, position, size }: ExpectedFile): boolean {
    const { hashStored } = this.#options
    if (!hashStored || size < LARGE) return false
    const check = hashStored(position, size).then((hash) => this.addFile(path, entry, hash, null))
    check.catch((error: unknown) => {
      this.#failure ??= error
    })
    this.#checks.push(check)
    return true
  }

  #take(current: Current, part: Uint8Array): void {
    current.hasher?.update(part)
    current.kept?.push(new Uint8Array(part))
    current.remaining -= part.length
    this.#position += part.length
    if (current.remaining > 0) return
    this.#current = null
    const kept = current.kept && concat(current.kept)
    const { expected } = current
    if (expected.kind === 'table') this.addTable(expected.table, kept ?? new Uint8Array(0))
    else if (current.hasher) this.addFile(expected.path, expected.entry, current.hasher.digest(), kept)
  }

  /** Takes a table whose bytes were read; announces what it lists. */
  addTable(table: PendingTable, bytes: Uint8Array): void {
    const tables = this.#tree.add(table, bytes)
    this.#pendingTables--
    for (const [name, entry] of table.into) {
      if (entry.kind === 'file') this.#expectFile(table.path + name, entry)
    }
    for (const next of tables) this.#expectTable(next)
  }

  /** Takes the hash of a file that was read, and its bytes where they are of use early. */
  addFile(path: string, entry: FileEntry, hash: Uint8Array, bytes: Uint8Array | null): void {
    if (!sameBytes(hash, entry.hash)) throw mismatch(path)
    if (!bytes) return
    this.documents.set(path, bytes)
    if (path === 'manifest.json') this.manifest = readManifest(bytes)
  }

  archive(source: Archive['source']): Archive {
    if (!this.header) throw new TypeError('the header has not been read')
    return { source, hash: this.#options.hash, header: this.header, root: this.root }
  }

  #expectTable(table: PendingTable): void {
    this.#pendingTables++
    const { position, size, path } = table
    this.#expect({ kind: 'table', position, size, path: `${path}/`, table })
  }

  #expectFile(path: string, entry: FileEntry): void {
    const { position, size } = entry
    if (path === 'manifest.json' && size > LIMITS.manifest)
      throw tooLarge('the manifest of this package is over 16 MiB')
    if (size === 0) this.addFile(path, entry, this.#options.hash().digest(), new Uint8Array(0))
    else this.#expect({ kind: 'file', position, size, path, entry })
  }

  #expect(expected: Expected): void {
    this.#end = Math.max(this.#end, expected.position + expected.size)
    checkSize(this.#end, this.#options.maxSize)
    if (expected.position < this.#position) this.#leaveBehind(expected)
    else this.#queue.push(expected)
  }

  #leaveBehind(expected: Expected): void {
    if (expected.kind === 'table') this.tablesBehind.push(expected)
    else this.filesBehind.push(expected)
  }
}

/** Small root files that are wanted before the rest has arrived. */
export function isDocument({ path, size }: { path: string; size: number }): boolean {
  return path === 'manifest.json' || (isIcon(path) && !path.includes('/') && size <= LIMITS.document)
}

/** Refuses a package that is longer than is accepted. */
export function checkSize(size: number, maxSize: number): void {
  if (size <= maxSize) return
  throw tooLarge(
    `this package is larger than ${Math.floor(maxSize / 1e6)} MB, the most that is accepted here`,
  )
}
