import { crc32 } from 'node:zlib'
import { Encoder } from 'cbor-x'
import type { Revision } from '../patch.ts'

/**
 * One frame of the log: marker, payload length, how much of the file was durable when the frame was written, and a
 * CRC-32 over both numbers and the payload. The payload is CBOR (RFC 8949): a snapshot in the first frame, after that
 * the array of revisions `{id, patch}` that were committed together; an empty array is a seal.
 */
const MARKER = Buffer.from([0xf1, 0x50, 0x64, 0x62])
const MARKER_NUMBER = MARKER.readUInt32LE(0)
const LENGTH_AT = 4
const DURABLE_AT = 8
const CRC_AT = 16
export const FRAME_HEADER = 20

/** No revisions: its frame says that all bytes before it had reached the disk. */
export const SEAL = Buffer.from([0x80])

const cbor = new Encoder({ useRecords: false, mapsAsObjects: true, variableMapSize: true })

export type Frame = {
  readonly start: number
  readonly end: number
  /** Bytes of this file known to be on disk when the frame was written. */
  readonly durable: number
}

/** Why there is no frame at a place: nothing of one, the beginning of one, or a whole one with wrong bytes in it. */
export type Flaw = 'foreign' | 'short' | 'checksum'

export function encodeRevisions(revisions: readonly Revision[]): Buffer {
  return cbor.encode(revisions)
}

export function encodeValue(value: unknown): Buffer {
  return cbor.encode(value)
}

export function decodePayload(payload: Buffer): unknown {
  return cbor.decode(payload)
}

/**
 * The contents of several frames at once, which takes far less time than one by one; undefined if there is anything
 * wrong with one of them.
 */
export function decodePayloads(file: Buffer, frames: readonly Frame[]): unknown[] | undefined {
  const sequence = Buffer.allocUnsafe(
    frames.reduce((sum, { start, end }) => sum + end - start - FRAME_HEADER, 0),
  )
  if (sequence.length === 0) return []
  let at = 0
  for (const { start, end } of frames) at += file.copy(sequence, at, start + FRAME_HEADER, end)
  try {
    const contents = cbor.decodeMultiple(sequence) as unknown[]
    return contents.length === frames.length ? contents : undefined
  } catch {
    return undefined
  }
}

/** The decoder keeps the last buffer that it has read from: this lets go of a whole file. */
export function forgetDecoded(): void {
  cbor.decode(Buffer.from([0xf6]))
}

/** Header of the frame that carries `payload`; the two are written one after the other. */
export function frameHeader(payload: Buffer, durable: number): Buffer {
  const header = openHeader(payload.length, durable)
  return closeHeader(header, crc32(payload, headerChecksum(header)))
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
  return crc32(header.subarray(LENGTH_AT, CRC_AT))
}

export function closeHeader(header: Buffer, checksum: number): Buffer {
  header.writeUInt32LE(checksum, CRC_AT)
  return header
}

/** The frame that starts at `start`, or undefined if the bytes there are not a whole and sound one. */
export function readFrame(file: Buffer, start: number): Frame | undefined {
  if (start + FRAME_HEADER > file.length || file.readUInt32LE(start) !== MARKER_NUMBER) return undefined
  const end = start + FRAME_HEADER + file.readUInt32LE(start + LENGTH_AT)
  if (end > file.length) return undefined
  if (file.readUInt32LE(start + CRC_AT) !== checksum(file, start, end)) return undefined
  return { start, end, durable: file.readDoubleLE(start + DURABLE_AT) }
}

export function payloadOf(file: Buffer, frame: Frame): Buffer {
  return file.subarray(frame.start + FRAME_HEADER, frame.end)
}

/** Records below this size, which most are, are summed up here: the way to native code takes longer than that. */
const SMALL = 1024

function checksum(file: Buffer, start: number, end: number): number {
  const from = start + FRAME_HEADER
  if (end - from > SMALL)
    return crc32(file.subarray(from, end), crc32(file.subarray(start + LENGTH_AT, start + CRC_AT)))
  let sum = 0xffffffff
  for (let at = start + LENGTH_AT; at < start + CRC_AT; at++)
    sum = (CRC_TABLE[(sum ^ (file[at] as number)) & 0xff] as number) ^ (sum >>> 8)
  for (let at = from; at < end; at++)
    sum = (CRC_TABLE[(sum ^ (file[at] as number)) & 0xff] as number) ^ (sum >>> 8)
  return (sum ^ 0xffffffff) >>> 0
}

/** The table of CRC-32 (RFC 1952, section 8). */
const CRC_TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  for (let bit = 0; bit < 8; bit++) byte = (byte & 1) === 0 ? byte >>> 1 : (byte >>> 1) ^ 0xedb88320
  return byte
})

/** What is wrong at a place where `readFrame` found nothing. */
export function flawAt(file: Buffer, start: number): Flaw {
  const bytes = file.subarray(start, start + MARKER.length)
  if (!MARKER.subarray(0, bytes.length).equals(bytes)) return 'foreign'
  if (start + FRAME_HEADER > file.length) return 'short'
  return start + FRAME_HEADER + file.readUInt32LE(start + LENGTH_AT) > file.length ? 'short' : 'checksum'
}

/** The next sound frame after `from`, wherever it starts. */
export function findFrame(file: Buffer, from: number): Frame | undefined {
  for (let at = file.indexOf(MARKER, from); at >= 0; at = file.indexOf(MARKER, at + 1)) {
    const frame = readFrame(file, at)
    if (frame !== undefined) return frame
  }
  return undefined
}
