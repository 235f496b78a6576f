import { type ByteString, HeaderError } from './header.ts'

/** Records of an extended header, in order; later ones win. An empty value takes an earlier one away. */
export type PaxRecords = Map<ByteString, ByteString>

/** Reads “<length> <key>=<value>\n” records. Values may hold any bytes. */
export function parsePax(bytes: Buffer): [ByteString, ByteString][] {
  const records: [ByteString, ByteString][] = []
  for (let at = 0; at < bytes.length && bytes[at] !== 0;) {
    const blank = bytes.indexOf(0x20, at)
    const digits = bytes.toString('latin1', at, blank === -1 || blank > at + 10 ? at : blank)
    const length = Number(digits)
    const end = at + length
    if (!/^\d+$/.test(digits) || end > bytes.length || bytes[end - 1] !== 0x0a || blank >= end) {
      throw new HeaderError('an extended header is not readable')
    }
    const record = bytes.toString('latin1', blank + 1, end - 1)
    const equals = record.indexOf('=')
    if (equals < 1) throw new HeaderError('an extended header is not readable')
    records.push([record.slice(0, equals), record.slice(equals + 1)])
    at = end
  }
  return records
}

export function formatPax(records: PaxRecords): Buffer {
  const lines = [...records].map(([key, value]) => {
    const rest = ` ${key}=${value}\n`
    let length = rest.length + 1
    while (String(length).length + rest.length !== length) length = String(length).length + rest.length
    return `${length}${rest}`
  })
  return Buffer.from(lines.join(''), 'latin1')
}

/** A whole number of a record; times may have a fraction, which is cut off. */
export function paxNumber(records: PaxRecords, key: string): number | null {
  const value = records.get(key)
  if (value === undefined || value === '') return null
  const found = /^(-?\d{1,16})(\.\d*)?$/.exec(value)
  if (!found || !Number.isSafeInteger(Number(found[1]))) {
    throw new HeaderError(`an extended header has no readable ${key}`)
  }
  return Number(found[1])
}

/** Nearly every file has none, and an empty map of its own would take 0.2 KB for each. */
const NONE: ReadonlyMap<ByteString, ByteString> = new Map()
const SCHILY = 'SCHILY.xattr.'
const LIBARCHIVE = 'LIBARCHIVE.xattr.'

/** Extended attributes as GNU tar, star and Docker write them, or as libarchive does. */
export function xattrsOf(records: PaxRecords): ReadonlyMap<ByteString, ByteString> {
  if (records.size === 0) return NONE
  const found = new Map<ByteString, ByteString>()
  for (const [key, value] of records) {
    if (key.startsWith(LIBARCHIVE)) {
      found.set(
        key
          .slice(LIBARCHIVE.length)
          .replaceAll(/%([0-9A-Fa-f]{2})/g, (_, hex: string) =>
            String.fromCharCode(Number.parseInt(hex, 16)),
          ),
        Buffer.from(value, 'base64').toString('latin1'),
      )
    }
  }
  for (const [key, value] of records) {
    if (key.startsWith(SCHILY)) found.set(key.slice(SCHILY.length), value)
  }
  return found.size === 0 ? NONE : found
}
