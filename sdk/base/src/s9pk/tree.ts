import { type Directory, directoryHash, parseTable, walk } from './directory.ts'
import { bytesText } from '../bytes-text.ts'
import { sameBytes } from './bytes.ts'
import { damaged, tooLarge, truncated, untrusted } from './error.ts'
import type { StartHash } from './hash.ts'
import type { Header } from './header.ts'
import { LIMITS } from './limits.ts'

/** A table of contents that must be fetched before the directory is known. */
export interface PendingTable {
  path: string
  position: number
  size: number
  hash: Uint8Array
  depth: number
  into: Directory
}

/** A stretch of the file and what it holds. */
export interface Region {
  path: string
  position: number
  size: number
}

/**
 * Builds the tree of a package out of its tables as they become readable. Each table is checked against
 * the hash that its parent signed and against the limits; sizes are checked before a table is asked for.
 */
export class TreeBuilder {
  readonly root: Directory = new Map()
  readonly #hash: StartHash
  #entries = 0
  #tableBytes = 0

  constructor(hash: StartHash) {
    this.#hash = hash
  }

  start(header: Header): PendingTable {
    const { tablePosition: position, tableSize: size, root: hash } = header
    return this.#pending({ path: '', position, size, hash, depth: 0, into: this.root })
  }

  /** Takes the bytes of a table and answers with the tables of the directories in it. */
  add(table: PendingTable, bytes: Uint8Array): PendingTable[] {
    const directory = parseTable(bytes)
    this.#entries += directory.size
    if (this.#entries > LIMITS.entries) throw damaged('the package lists more than 100,000 files')
    if (!sameBytes(directoryHash(directory, this.#hash), table.hash)) {
      throw untrusted(`the table of contents of ${table.path || 'the package'} does not match its hash`)
    }
    const pending: PendingTable[] = []
    for (const [name, entry] of directory) {
      table.into.set(name, entry)
      if (entry.kind !== 'directory') continue
      const path = `${table.path}${name}/`
      if (entry.tableSize > entry.size)
        throw untrusted(`the table of contents of ${path} is larger than was signed`)
      const { position, tableSize: size, hash, contents: into } = entry
      pending.push(this.#pending({ path, position, size, hash, depth: table.depth + 1, into }))
    }
    return pending
  }

  #pending(table: PendingTable): PendingTable {
    this.#tableBytes += table.size
    if (table.depth > LIMITS.depth) throw damaged('the package nests directories more than 32 deep')
    if (table.size > LIMITS.table && table.depth > 0)
      throw tooLarge(`the table of contents of ${table.path} is over 4 MiB`)
    if (this.#tableBytes > LIMITS.allTables)
      throw tooLarge('the tables of contents of this package are over 16 MiB')
    return table
  }
}

/**
 * All stretches of the file in order of position. Refuses stretches that share bytes: no packer writes
 * them, and they would let a small file claim endless contents.
 */
export function regionsOf(header: Header, headerSize: number, root: Directory): Region[] {
  const regions: Region[] = [
    { path: 'the header', position: 0, size: headerSize },
    { path: '/', position: header.tablePosition, size: header.tableSize },
  ]
  for (const [path, entry] of walk(root)) {
    if (entry.kind === 'file') regions.push({ path, position: entry.position, size: entry.size })
    if (entry.kind === 'directory')
      regions.push({ path: `${path}/`, position: entry.position, size: entry.tableSize })
  }
  regions.sort((a, b) => a.position - b.position || a.size - b.size)
  let end = 0
  for (const region of regions) {
    if (region.size === 0) continue
    if (region.position < end) throw damaged(`${region.path} shares bytes with another part of the package`)
    end = region.position + region.size
    if (end > Number.MAX_SAFE_INTEGER) throw damaged(`${region.path} lies beyond any possible file`)
  }
  return regions
}

/** The length that the file must have for every region to be there. */
export function endOf(regions: readonly Region[]): number {
  return regions.reduce((end, { position, size }) => (size > 0 ? Math.max(end, position + size) : end), 0)
}

export function checkLength(regions: readonly Region[], size: number | null): void {
  if (size === null) return
  const missing = endOf(regions) - size
  if (missing > 0) throw truncated(`${bytesText(missing)} are missing at its end`)
}
