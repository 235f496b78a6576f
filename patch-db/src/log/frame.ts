import { crc32 } from 'node:zlib'
import { Encoder } from 'cbor-x'
import type { Revision } from '../patch.ts'
import { rowOf } from './row.ts'

/**
 * One frame of the log: marker, a CRC-32 over all that follows, payload length, how much of the file was durable when
 * the frame was written, payload. The payload is CBOR (RFC 8949): a snapshot in the first frame, after that the array
 * of the revisions that were committed together (`Row`), or a number: then the frame is a seal.
 */
const MARKER = Buffer.from([0xf1, 0x50, 0x64, 0x62])
const MARKER_NUMBER = MARKER.readUInt32LE(0)
const CRC_AT = 4
const SUMMED_FROM = 8
const LENGTH_AT = 8
const DURABLE_AT = 12
export const FRAME_HEADER = 20

const cbor = new Encoder({ useRecords: false, mapsAsObjects: true, variableMapSize: true })

/**
 * What stands ahead of the records (`LogFile`). It is in no text of UTF-8 and begins no item of CBOR, and unlike zeros
 * it is not what a disk shows that has lost something.
 */
export const FILLER = 0xfe

export type Frame = {
  readonly start: number
  readonly end: number
  /** Bytes of this file known to be on disk when the frame was written. */
  readonly durable: number
}

/** Why there is no frame at a place: nothing of one, the beginning of one, or a whole one with wrong bytes in it. */
export type Flaw = 'foreign' | 'short' | 'checksum'

export function encodeRevisions(revisions: readonly Revision[]): Buffer {
  return cbor.encode(revisions.map(rowOf))
}

export function encodeValue(value: unknown): Buffer {
  return cbor.encode(value)
}

export function decodePayload(payload: Buffer): unknown {
  return cbor.decode(payload)
}

/** The head of a CBOR number of four bytes. */
const UINT32 = 0x1a
const SEAL_LENGTH = 5

/** The payload of a seal: `sum` is the CRC-32 of all frames between the snapshot and it, taken together. */
export function sealOf(sum: number): Buffer {
  const payload = Buffer.from([UINT32, 0, 0, 0, 0])
  payload.writeUInt32BE(sum, 1)
  return payload
}

/** The decoder keeps the last buffer that it has read from: this lets go of a whole file. */
export function forgetDecoded(): void {
  cbor.decode(Buffer.from([0xf6]))
}

/** A whole frame. */
export function frameOf(payload: Buffer, durable: number): Buffer {
  const header = openHeader(payload.length, durable)
  return Buffer.concat([closeHeader(header, crc32(payload, headerChecksum(header))), payload])
}

/** Header of a payload that comes in parts: continue the checksum over them, then `closeHeader`. */
export function openHeader(length: number, durable: number): Buffer {
  const header = Buffer.alloc(FRAME_HEADER)
  MARKER.copy(header)
  header.writeUInt32LE(length, LENGTH_AT)
  header.writeDoubleLE(durable, DURABLE_AT)
  return header
}

/** The checksum that covers the numbers of a header; the payload's parts continue it. */
export function headerChecksum(header: Buffer): number {
  return crc32(header.subarray(SUMMED_FROM))
}

export function closeHeader(header: Buffer, checksum: number): Buffer {
  header.writeUInt32LE(checksum, CRC_AT)
  return header
}

/** The frame that starts at `start`, or undefined if the bytes there are not a whole and sound one. */
export function readFrame(file: Buffer, start: number): Frame | undefined {
  const end = endOfFrame(file, start)
  if (end === undefined || !isSound(file, start, end)) return undefined
  return { start, end, durable: file.readDoubleLE(start + DURABLE_AT) }
}

/** Where a frame would end if its bytes are right; undefined where there is none. */
function endOfFrame(file: Buffer, start: number): number | undefined {
  if (start + FRAME_HEADER > file.length || file.readUInt32LE(start) !== MARKER_NUMBER) return undefined
  const end = start + FRAME_HEADER + file.readUInt32LE(start + LENGTH_AT)
  return end > file.length ? undefined : end
}

function isSound(file: Buffer, start: number, end: number): boolean {
  return file.readUInt32LE(start + CRC_AT) === crc32(file.subarray(start + SUMMED_FROM, end))
}

/**
 * Where the sound frames from `start` on begin and end, each beginning where the one before it ends: `start` alone if
 * there is none. A seal at the end speaks for all of them, so that thousands of small ones take one checksum.
 */
export function soundFrames(file: Buffer, start: number): readonly number[] {
  const bounds = [start]
  for (let end = endOfFrame(file, start); end !== undefined; end = endOfFrame(file, end)) bounds.push(end)
  if (endsInSeal(file, bounds)) return bounds
  let sound = 0
  for (; sound < bounds.length - 1; sound++)
    if (!isSound(file, bounds[sound] as number, bounds[sound + 1] as number)) break
  return bounds.slice(0, sound + 1)
}

function endsInSeal(file: Buffer, bounds: readonly number[]): boolean {
  const seal = readFrame(file, bounds.at(-2) ?? file.length)
  if (seal === undefined || !isSeal(file, seal)) return false
  return file.readUInt32BE(seal.end - 4) === crc32(file.subarray(bounds[0], seal.start))
}

/** A seal says that all bytes before it had reached the disk. */
export function isSeal(file: Buffer, { start, end, durable }: Frame): boolean {
  const payload = start + FRAME_HEADER
  return end - payload === SEAL_LENGTH && file[payload] === UINT32 && durable === start
}

export function payloadOf(file: Buffer, frame: Frame): Buffer {
  return file.subarray(frame.start + FRAME_HEADER, frame.end)
}

/** How much is decoded at once, which takes far less time than frame by frame. */
const BATCH_BYTES = 1024 * 1024

/**
 * Calls `take` with what each frame holds and the number of the frame. `bounds` are those of `soundFrames`. Throws
 * whatever the decoder or `take` throws.
 */
export function decodeFrames(
  file: Buffer,
  bounds: readonly number[],
  take: (content: unknown, frame: number) => void,
): void {
  for (let first = 0, last = 0; first < bounds.length - 1; first = last) {
    const from = bounds[first] as number
    while (last < bounds.length - 1 && (bounds[last] as number) - from < BATCH_BYTES) last++
    const batch = Buffer.allocUnsafe((bounds[last] as number) - from)
    let length = 0
    for (let i = first; i < last; i++)
      length += file.copy(batch, length, (bounds[i] as number) + FRAME_HEADER, bounds[i + 1])
    let frame = first
    cbor.decodeMultiple(batch.subarray(0, length), (content: unknown) => take(content, frame++))
    if (frame !== last) throw new Error('a frame holds more or less than one item')
  }
}

/** What is wrong at a place where `readFrame` found nothing. */
export function flawAt(file: Buffer, start: number): Flaw {
  const bytes = file.subarray(start, start + MARKER.length)
  if (!MARKER.subarray(0, bytes.length).equals(bytes)) return 'foreign'
  return endOfFrame(file, start) === undefined ? 'short' : 'checksum'
}

/** The next sound frame after `from`, wherever it starts. */
export function findFrame(file: Buffer, from: number): Frame | undefined {
  for (let at = file.indexOf(MARKER, from); at >= 0; at = file.indexOf(MARKER, at + 1)) {
    const frame = readFrame(file, at)
    if (frame !== undefined) return frame
  }
  return undefined
}
