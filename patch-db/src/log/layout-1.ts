import { crc32 } from 'node:zlib'
import { isObject, type JsonValue } from '../json.ts'
import type { Revision } from '../patch.ts'
import { decodePayload, forgetDecoded, type Flaw, type Frame } from './frame.ts'
import { Damage, snapshotOf, type OnRecord, type Recovered } from './recover.ts'
import { replayer } from './replay.ts'
import { rowOf } from './row.ts'

/**
 * The first layout of the file, which is only read any more. A frame was: marker, payload length, how much of the file
 * was durable when it was written, a CRC-32 over both numbers and the payload, payload. Behind the snapshot stood
 * arrays of `{id, patch}`; an empty one was a seal. There was no filler.
 */
const HEADER = Buffer.from('PATCHDB\x01', 'latin1')
const MARKER = Buffer.from([0xf1, 0x50, 0x64, 0x62])
const LENGTH_AT = 4
const DURABLE_AT = 8
const CRC_AT = 16
const FRAME_HEADER = 20

/** Whether a file has the first layout. */
export function isLayout1(file: Buffer): boolean {
  return file.subarray(0, HEADER.length).equals(HEADER)
}

/** Does for a file of the first layout what `readLog` does, by the same rules. */
export function readLayout1(file: Buffer, path: string, onRecord?: OnRecord): Recovered {
  const first = readFrame(file, HEADER.length)
  if (first === undefined) throw new Damage(path, HEADER.length, 'the snapshot is unreadable')
  const snapshot = snapshotOf(contentOf(file, first, path), path, first.start)
  let { id, value } = snapshot
  onRecord?.({ offset: first.start, end: first.end, id })
  const replay = replayer()
  let last = first
  let sealed = false
  const recovered = (): Recovered => ({
    layout: 1,
    id,
    value,
    migrations: snapshot.migrations,
    end: last.end,
    snapshotEnd: first.end,
    sum: crc32(file.subarray(first.end, last.end)),
    sealed,
    tail:
      last.end < file.length
        ? { offset: last.end, bytes: file.length - last.end, flaw: flawAt(file, last.end) }
        : undefined,
  })
  for (let next = readFrame(file, last.end); next !== undefined; next = readFrame(file, last.end)) {
    const revisions = revisionsOf(contentOf(file, next, path), path, next.start)
    for (const revision of revisions) {
      if (revision.id !== id + 1)
        throw new Damage(path, next.start, `revision ${revision.id} follows ${id}`, recovered())
      value = reapply(replay, value, revision, path, next.start)
      id++
    }
    sealed = revisions.length === 0 && next.durable === next.start
    last = next
    onRecord?.({ offset: next.start, end: next.end, id })
  }
  forgetDecoded()
  if (wasDurable(file, last.end))
    throw new Damage(path, last.end, 'a record that had been safely on disk is unreadable now', recovered())
  return recovered()
}

/** The next sound frame after `from`, wherever it starts. */
export function findLayout1Frame(file: Buffer, from: number): Frame | undefined {
  for (let at = file.indexOf(MARKER, from); at >= 0; at = file.indexOf(MARKER, at + 1)) {
    const frame = readFrame(file, at)
    if (frame !== undefined) return frame
  }
  return undefined
}

function readFrame(file: Buffer, start: number): Frame | undefined {
  if (flawAt(file, start) !== 'checksum') return undefined
  const end = start + FRAME_HEADER + file.readUInt32LE(start + LENGTH_AT)
  const numbers = crc32(file.subarray(start + LENGTH_AT, start + CRC_AT))
  const sum = crc32(file.subarray(start + FRAME_HEADER, end), numbers)
  if (file.readUInt32LE(start + CRC_AT) !== sum) return undefined
  return { start, end, durable: file.readDoubleLE(start + DURABLE_AT) }
}

/** What is wrong at a place without a sound frame: `checksum` where one has its full length. */
function flawAt(file: Buffer, start: number): Flaw {
  const marker = file.subarray(start, start + MARKER.length)
  if (!MARKER.subarray(0, marker.length).equals(marker)) return 'foreign'
  if (start + FRAME_HEADER > file.length) return 'short'
  return start + FRAME_HEADER + file.readUInt32LE(start + LENGTH_AT) > file.length ? 'short' : 'checksum'
}

/** A later frame that was written when this place was already durable proves that the place was damaged since. */
function wasDurable(file: Buffer, end: number): boolean {
  for (let at = findLayout1Frame(file, end); at !== undefined; at = findLayout1Frame(file, at.end))
    if (at.durable > end) return true
  return false
}

function contentOf(file: Buffer, { start, end }: Frame, path: string): unknown {
  try {
    return decodePayload(file.subarray(start + FRAME_HEADER, end))
  } catch (error) {
    throw new Damage(path, start, 'a record with a good checksum cannot be decoded', undefined, error)
  }
}

function revisionsOf(content: unknown, path: string, offset: number): readonly Revision[] {
  if (!Array.isArray(content) || !content.every(isObject))
    throw new Damage(path, offset, 'a record holds no revisions')
  return content as unknown as readonly Revision[]
}

function reapply(
  replay: ReturnType<typeof replayer>,
  value: JsonValue,
  revision: Revision,
  path: string,
  offset: number,
): JsonValue {
  try {
    return replay(value, rowOf(revision))
  } catch (error) {
    throw new Damage(path, offset, `revision ${revision.id} does not fit`, undefined, error)
  }
}
