import { crc32 } from 'node:zlib'
import { Encoder } from 'cbor-x'
import type { JsonValue } from '../json.ts'
import type { Dump, Revision } from '../patch.ts'

/**
 * One frame of the log: marker, payload length, how much of the file was durable when the frame was written, and a
 * CRC-32 over both numbers and the payload. The payload is CBOR (RFC 8949): a snapshot `{id, value}` in the first
 * frame, after that the array of revisions `{id, patch}` that were committed together.
 */
const MARKER = Buffer.from([0xf1, 0x50, 0x64, 0x62])
const LENGTH_AT = 4
const DURABLE_AT = 8
const CRC_AT = 16
export const FRAME_HEADER = 20

const cbor = new Encoder({ useRecords: false, mapsAsObjects: true, variableMapSize: true })

export type Frame = {
  readonly start: number
  readonly end: number
  /** Bytes of this file known to be on disk when the frame was written. */
  readonly durable: number
  readonly payload: Buffer
}

export function encodeSnapshot(snapshot: Dump<JsonValue>): Buffer {
  return cbor.encode(snapshot)
}

export function encodeRevisions(revisions: readonly Revision[]): Buffer {
  return cbor.encode(revisions)
}

export function decodePayload(payload: Buffer): unknown {
  return cbor.decode(payload)
}

/** Header of the frame that carries `payload`; the two are written one after the other. */
export function frameHeader(payload: Buffer, durable: number): Buffer {
  const header = Buffer.alloc(FRAME_HEADER)
  MARKER.copy(header)
  header.writeUInt32LE(payload.length, LENGTH_AT)
  header.writeDoubleLE(durable, DURABLE_AT)
  header.writeUInt32LE(checksum(header, payload), CRC_AT)
  return header
}

/** The frame that starts at `start`, or undefined if the bytes there are not a whole and sound one. */
export function readFrame(file: Buffer, start: number): Frame | undefined {
  if (start + FRAME_HEADER > file.length) return undefined
  const header = file.subarray(start, start + FRAME_HEADER)
  if (MARKER.compare(header, 0, MARKER.length) !== 0) return undefined
  const end = start + FRAME_HEADER + header.readUInt32LE(LENGTH_AT)
  if (end > file.length) return undefined
  const payload = file.subarray(start + FRAME_HEADER, end)
  if (header.readUInt32LE(CRC_AT) !== checksum(header, payload)) return undefined
  return { start, end, durable: header.readDoubleLE(DURABLE_AT), payload }
}

/** The next sound frame after `from`, wherever it starts. */
export function findFrame(file: Buffer, from: number): Frame | undefined {
  for (let at = file.indexOf(MARKER, from); at >= 0; at = file.indexOf(MARKER, at + 1)) {
    const frame = readFrame(file, at)
    if (frame !== undefined) return frame
  }
  return undefined
}

function checksum(header: Buffer, payload: Buffer): number {
  return crc32(payload, crc32(header.subarray(LENGTH_AT, CRC_AT)))
}
