import { open, rename, rm, type FileHandle } from 'node:fs/promises'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { crc32 } from 'node:zlib'
import { isContainer, type JsonValue } from '../json.ts'
import { temporary, writeFully } from './files.ts'
import { closeHeader, encodeValue, FRAME_HEADER, headerChecksum, openHeader } from './frame.ts'
import { FILE_HEADER } from './recover.ts'

export type Snapshot = {
  readonly id: number
  readonly value: JsonValue
  readonly migrations: readonly string[]
}

/** A complete log beside the real one, on disk, which takes its place with `renameInto`. */
export type Written = { readonly file: FileHandle; readonly end: number }

/** What is encoded in one go; a hundred kilobytes take well under a millisecond. */
const PART_BYTES = 128 * 1024
/** How long others wait for their turn while a snapshot is encoded. */
const SLICE_MS = 4

/** Writes a log that holds only `snapshot`. Others have their turn in between: the value cannot change. */
export async function writeSnapshot(path: string, snapshot: Snapshot): Promise<Written> {
  const parts: Buffer[] = []
  let started = performance.now()
  for (const part of encodeInParts(snapshot as unknown as JsonValue)) {
    parts.push(part)
    if (performance.now() - started < SLICE_MS) continue
    await nextTurn()
    started = performance.now()
  }
  const header = openHeader(
    parts.reduce((sum, part) => sum + part.length, 0),
    0,
  )
  // Never over the bytes of an earlier attempt: if their sync failed, nobody knows what is true of that file.
  await rm(temporary(path), { force: true })
  const file = await open(temporary(path), 'wx+', 0o600)
  try {
    let checksum = headerChecksum(header)
    let end = FILE_HEADER.length + FRAME_HEADER
    for (const part of parts) {
      checksum = crc32(part, checksum)
      end = await writeFully(file, [part], end)
    }
    await writeFully(file, [FILE_HEADER, closeHeader(header, checksum)], 0)
    await file.sync()
    return { file, end }
  } catch (error) {
    await file.close()
    await rm(temporary(path), { force: true })
    throw error
  }
}

export async function renameInto(path: string): Promise<void> {
  await rename(temporary(path), path)
}

/** The CBOR of a value, in pieces of bounded size where its structure allows that. */
export function* encodeInParts(value: JsonValue): Generator<Buffer> {
  if (!isContainer(value) || weigh(value, PART_BYTES) < PART_BYTES) yield encodeValue(value)
  else if (Array.isArray(value)) yield* encodeArray(value)
  else yield* encodeObject(value)
}

function* encodeArray(array: JsonValue[]): Generator<Buffer> {
  yield head(ARRAY, array.length)
  let start = 0
  let weight = 0
  for (let i = 0; i < array.length; i++) {
    const own = weigh(array[i] as JsonValue, PART_BYTES)
    weight += own
    if (weight < PART_BYTES) continue
    if (i > start) yield withoutHead(encodeValue(array.slice(start, i)))
    if (own < PART_BYTES) {
      start = i
      weight = own
    } else {
      yield* encodeInParts(array[i] as JsonValue)
      start = i + 1
      weight = 0
    }
  }
  if (start < array.length) yield withoutHead(encodeValue(array.slice(start)))
}

function* encodeObject(object: { [key: string]: JsonValue }): Generator<Buffer> {
  const keys = Object.keys(object)
  yield head(MAP, keys.length)
  let group: { [key: string]: JsonValue } = {}
  let weight = 0
  for (const key of keys) {
    const value = object[key] as JsonValue
    const own = weigh(value, PART_BYTES) + key.length
    if (own >= PART_BYTES) {
      yield encodeValue(key)
      yield* encodeInParts(value)
      continue
    }
    group[key] = value
    weight += own
    if (weight < PART_BYTES) continue
    yield withoutHead(encodeValue(group))
    group = {}
    weight = 0
  }
  if (weight > 0) yield withoutHead(encodeValue(group))
}

/** About how many bytes a value takes, counted no further than `limit`. */
function weigh(value: JsonValue, limit: number): number {
  if (typeof value === 'string') return value.length + 1
  if (!isContainer(value)) return 9
  let weight = 3
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length && weight < limit; i++)
      weight += weigh(value[i] as JsonValue, limit - weight)
    return weight
  }
  for (const key in value) {
    if (weight >= limit) break
    weight += key.length + 1 + weigh(value[key] as JsonValue, limit - weight)
  }
  return weight
}

const ARRAY = 0x80
const MAP = 0xa0

/** The head of an array or map (RFC 8949, section 3). */
function head(kind: number, length: number): Buffer {
  if (length < 24) return Buffer.from([kind | length])
  const bytes = Buffer.alloc(5)
  bytes[0] = kind | 26
  bytes.writeUInt32BE(length, 1)
  return bytes
}

/** The elements alone, to stand under a head of their own. */
function withoutHead(encoded: Buffer): Buffer {
  const length = (encoded[0] ?? 0) & 0x1f
  return encoded.subarray(length < 24 ? 1 : 1 + 2 ** (length - 24))
}
