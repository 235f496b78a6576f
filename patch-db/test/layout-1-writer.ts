import { crc32 } from 'node:zlib'
import { Encoder } from 'cbor-x'
import type { Revision } from '../src/patch.ts'

export type Layout1 = {
  readonly snapshot: { id: number; value: unknown; migrations?: readonly string[] }
  /** Revisions that were written together; none make a seal. */
  readonly records?: readonly (readonly Revision[])[]
}

const cbor = new Encoder({ useRecords: false, mapsAsObjects: true, variableMapSize: true })

/** A file as the first programs wrote it, and where its records begin. All is on disk before each next record. */
export function layout1({ snapshot, records = [] }: Layout1): { bytes: Buffer; starts: readonly number[] } {
  let bytes = Buffer.concat([Buffer.from('PATCHDB\x01', 'latin1'), frame(snapshot, 0)])
  const starts: number[] = []
  for (const record of records) {
    starts.push(bytes.length)
    bytes = Buffer.concat([bytes, frame(record, bytes.length)])
  }
  return { bytes, starts }
}

function frame(content: unknown, durable: number): Buffer {
  const payload = cbor.encode(content)
  const numbers = Buffer.alloc(12)
  numbers.writeUInt32LE(payload.length, 0)
  numbers.writeDoubleLE(durable, 4)
  const sum = Buffer.alloc(4)
  sum.writeUInt32LE(crc32(payload, crc32(numbers)))
  return Buffer.concat([Buffer.from([0xf1, 0x50, 0x64, 0x62]), numbers, sum, payload])
}
