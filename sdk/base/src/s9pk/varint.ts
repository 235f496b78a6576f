import { type Cursor, concat, fromUtf8, utf8 } from './bytes.ts'
import { S9pkError, damaged } from './error.ts'
import { LIMITS } from './limits.ts'

const MAX_LENGTH = 10

/** Unsigned LEB128 of a u64, in its shortest form. */
export function varint(value: bigint | number): Uint8Array {
  const bytes: number[] = []
  let rest = BigInt(value)
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128)
    rest >>= 7n
  }
  bytes.push(Number(rest))
  return Uint8Array.from(bytes)
}

/** Reads unsigned LEB128: longer forms than needed are accepted, bits beyond 64 are dropped (s9pk.md §1.2). */
export function readVarint(cursor: Cursor): bigint {
  const first = cursor.u8()
  if (first < 128) return BigInt(first)
  let value = BigInt(first & 127)
  for (let i = 1; i < MAX_LENGTH; i++) {
    const byte = cursor.u8()
    value |= BigInt(byte & 127) << BigInt(7 * i)
    if (byte < 128) return BigInt.asUintN(64, value)
  }
  throw damaged('a number in the table of contents does not end')
}

export function varstring(text: string): Uint8Array {
  const bytes = utf8.encode(text)
  return concat([varint(bytes.length), bytes])
}

export function readVarstring(cursor: Cursor): string {
  const length = readVarint(cursor)
  if (length > BigInt(LIMITS.name)) throw damaged('a file name in the package is longer than 1 MiB')
  const bytes = cursor.take(Number(length))
  try {
    return fromUtf8.decode(bytes)
  } catch (cause) {
    throw new S9pkError('damaged', 'a file name in the package is not UTF-8 text', { kind: 'Utf8', cause })
  }
}
