import { Cursor, compareBytes, utf8 } from './bytes.ts'
import { S9pkError, damaged } from './error.ts'
import { type StartHash, hashOf } from './hash.ts'
import { LIMITS } from './limits.ts'
import { readVarint, readVarstring } from './varint.ts'
import { Writer, utf8Length, varintLength } from './writer.ts'

/** A directory of the package by name. Order in the file is not signed and so not kept. */
export type Directory = Map<string, Entry>

export interface FileEntry {
  kind: 'file'
  hash: Uint8Array
  size: number
  position: number
}

/** `size` is the signed limit of the table's length; `tableSize` its length now. */
export interface DirectoryEntry {
  kind: 'directory'
  hash: Uint8Array
  size: number
  position: number
  tableSize: number
  contents: Directory
}

/** An entry that was signed but is not in this copy of the package. */
export interface MissingEntry {
  kind: 'missing'
  hash: Uint8Array
  size: number
}

export type Entry = FileEntry | DirectoryEntry | MissingEntry

const TYPE = { missing: 0, file: 1, directory: 2 } as const
const HASH_SIZE = 32

/** Parses one table of contents. Directories come back empty, to be filled when their own table is read. */
export function parseTable(bytes: Uint8Array): Directory {
  const cursor = new Cursor(bytes)
  const count = readVarint(cursor)
  if (count > BigInt(LIMITS.entries)) throw damaged('the package lists more than 100,000 files')
  const directory: Directory = new Map()
  for (let i = 0n; i < count; i++) {
    const name = readVarstring(cursor)
    checkName(name)
    if (directory.has(name)) throw damaged(`the package lists “${shown(name)}” twice`)
    directory.set(name, readEntry(cursor))
  }
  if (cursor.remaining > 0) throw damaged('a table of contents has bytes after its last entry')
  return directory
}

function readEntry(cursor: Cursor): Entry {
  const hash = new Uint8Array(cursor.take(HASH_SIZE))
  const size = cursor.u64()
  const type = cursor.u8()
  switch (type) {
    case TYPE.missing:
      return { kind: 'missing', hash, size }
    case TYPE.file:
      return { kind: 'file', hash, size, position: cursor.u64() }
    case TYPE.directory:
      return {
        kind: 'directory',
        hash,
        size,
        position: cursor.u64(),
        tableSize: cursor.u64(),
        contents: new Map(),
      }
    default:
      throw damaged(`the package has an entry of unknown type ${type}`)
  }
}

/** A name is one path segment and can be used as a file name. */
export function checkName(name: string): void {
  if (name === '' || name === '.' || name === '..' || /[/\0]/.test(name)) {
    throw new S9pkError(
      'damaged',
      `the package has a file with the forbidden name “${shown(name)}”; it was refused`,
    )
  }
}

/** The table in the given order, or in name order. */
export function printTable(directory: Directory, order: string[] = namesInOrder(directory)): Uint8Array {
  const table = new Writer()
  table.varint(order.length)
  for (const name of order) {
    const entry = directory.get(name)
    if (!entry) throw new TypeError(`“${shown(name)}” is not in the directory`)
    writeSignedFields(table, name, entry)
    table.u8(TYPE[entry.kind])
    if (entry.kind !== 'missing') table.u64(entry.position)
    if (entry.kind === 'directory') table.u64(entry.tableSize)
  }
  return table.done()
}

/** Length of the printed table without printing it. */
export function tableSize(directory: Directory): number {
  const tails = { missing: 41, file: 49, directory: 57 }
  let size = varintLength(directory.size)
  for (const [name, entry] of directory) {
    const length = utf8Length(name)
    size += varintLength(length) + length + tails[entry.kind]
  }
  return size
}

/** The hash that a directory's parent signs: names, hashes and sizes, but no positions or kinds (s9pk.md §2.3). */
export function directoryHash(directory: Directory, start: StartHash): Uint8Array {
  const signed = new Writer()
  signed.varint(directory.size)
  for (const name of namesInOrder(directory)) {
    writeSignedFields(signed, name, directory.get(name)!)
    signed.u8(TYPE.missing)
  }
  return hashOf(start, signed.done())
}

function writeSignedFields(out: Writer, name: string, entry: Entry): void {
  out.varstring(name)
  out.bytes(entry.hash)
  out.u64(entry.size)
}

/** Names by their UTF-8 bytes; JavaScript's own string order differs beyond the basic plane. */
export function namesInOrder(directory: Directory): string[] {
  const names = [...directory.keys()]
  if (!names.some((name) => /[\ud800-\udfff]/.test(name))) return names.sort()
  return names
    .map((name) => ({ name, bytes: utf8.encode(name) }))
    .sort((a, b) => compareBytes(a.bytes, b.bytes))
    .map(({ name }) => name)
}

/** The entry at a path such as `images/x86_64/main.json`; a leading slash is ignored. */
export function lookUp(root: Directory, path: string): Entry | null {
  const names = path.replace(/^\//, '').split('/')
  let directory = root
  for (const [i, name] of names.entries()) {
    const entry = directory.get(name)
    if (!entry || i === names.length - 1) return entry ?? null
    if (entry.kind !== 'directory') return null
    directory = entry.contents
  }
  return null
}

/** Every entry with its path, parents first, names in order. */
export function* walk(directory: Directory, prefix = ''): Generator<[path: string, entry: Entry]> {
  for (const name of namesInOrder(directory)) {
    const entry = directory.get(name)!
    yield [prefix + name, entry]
    if (entry.kind === 'directory') yield* walk(entry.contents, `${prefix}${name}/`)
  }
}

function shown(name: string): string {
  return name.length > 80 ? `${name.slice(0, 80)}…` : name
}
