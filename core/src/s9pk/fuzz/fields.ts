import { type Archive, HEADER_SIZE, walk } from '@startd/base/s9pk/index.ts'
import { Cursor } from '@startd/base/s9pk/bytes.ts'
import { readVarint } from '@startd/base/s9pk/varint.ts'

/** A stretch of a package file whose meaning is known. */
export interface Field {
  kind: 'magic' | 'signed' | 'count' | 'name' | 'hash' | 'u64' | 'type' | 'body'
  at: number
  length: number
}

/** Every field of header and tables, and every file. */
export function fieldsOf(bytes: Uint8Array, { header, root }: Archive): Field[] {
  const fields: Field[] = [
    { kind: 'magic', at: 0, length: 3 },
    { kind: 'signed', at: 3, length: HEADER_SIZE - 16 - 3 },
    { kind: 'u64', at: HEADER_SIZE - 16, length: 8 },
    { kind: 'u64', at: HEADER_SIZE - 8, length: 8 },
    ...tableFields(bytes, header.tablePosition, header.tableSize),
  ]
  for (const [, entry] of walk(root)) {
    if (entry.kind === 'directory') fields.push(...tableFields(bytes, entry.position, entry.tableSize))
    if (entry.kind === 'file' && entry.size > 0)
      fields.push({ kind: 'body', at: entry.position, length: entry.size })
  }
  return fields
}

function tableFields(bytes: Uint8Array, start: number, size: number): Field[] {
  const cursor = new Cursor(bytes.subarray(start, start + size))
  const fields: Field[] = []
  const note = (kind: Field['kind'], read: () => unknown) => {
    const at = cursor.position
    const value = read()
    fields.push({ kind, at: start + at, length: cursor.position - at })
    return value
  }
  for (let left = Number(note('count', () => readVarint(cursor))); left > 0; left--) {
    const length = Number(note('count', () => readVarint(cursor)))
    note('name', () => cursor.take(length))
    note('hash', () => cursor.take(32))
    note('u64', () => cursor.u64())
    const type = note('type', () => cursor.u8())
    if (type !== 0) note('u64', () => cursor.u64())
    if (type === 2) note('u64', () => cursor.u64())
  }
  return fields
}
