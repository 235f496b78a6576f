/** Header blocks of tar archives: POSIX ustar (IEEE 1003.1 “pax”), GNU and V7. */

export const BLOCK = 512

/** Text is kept byte for byte: each character is one byte (latin1), because names need not be UTF-8. */
export type ByteString = string

export interface RawHeader {
  name: ByteString
  mode: number
  uid: number
  gid: number
  size: number
  mtime: number
  /** The type flag; NUL reads as “0”. */
  flag: string
  linkname: ByteString
}

/** Why a block is no header. The reader says which archive. */
export class HeaderError extends Error {}

const FIELDS = { name: [0, 100], mode: [100, 8], uid: [108, 8], gid: [116, 8], size: [124, 12] } as const
const MORE = { mtime: [136, 12], checksum: [148, 8], linkname: [157, 100], prefix: [345, 155] } as const
const SPACE = 0x20

/** Reads a header block; null for the block of zeros that ends an archive. */
export function parseHeader(block: Buffer): RawHeader | null {
  const sums = checksums(block)
  if (sums.unsigned === 8 * SPACE) return null
  const stored = number(block, MORE.checksum, 'checksum')
  if (stored !== sums.unsigned && stored !== sums.signed)
    throw new HeaderError('a header has a wrong checksum')
  const name = text(block, FIELDS.name)
  const isPosix = block.toString('latin1', 257, 263) === 'ustar\0'
  const prefix = isPosix ? text(block, MORE.prefix) : ''
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    mode: number(block, FIELDS.mode, 'mode') & 0o7777,
    uid: number(block, FIELDS.uid, 'owner'),
    gid: number(block, FIELDS.gid, 'group'),
    size: number(block, FIELDS.size, 'size'),
    mtime: number(block, MORE.mtime, 'time'),
    flag: block[156] === 0 ? '0' : String.fromCharCode(block[156] ?? 0),
    linkname: text(block, MORE.linkname),
  }
}

/** A ustar header. Names over 100 bytes and numbers that do not fit must go into pax records before it. */
export function formatHeader(header: RawHeader): Buffer {
  const block = Buffer.alloc(BLOCK)
  block.write(header.name.slice(0, 100), 0, 'latin1')
  block.write(octal(header.mode, 7), 100, 'latin1')
  block.write(octal(header.uid, 7), 108, 'latin1')
  block.write(octal(header.gid, 7), 116, 'latin1')
  block.write(octal(header.size, 11), 124, 'latin1')
  block.write(octal(header.mtime, 11), 136, 'latin1')
  block.write(header.flag, 156, 'latin1')
  block.write(header.linkname.slice(0, 100), 157, 'latin1')
  block.write('ustar\x0000', 257, 'latin1')
  block.write(`${octal(checksums(block).unsigned, 6)}\0 `, 148, 'latin1')
  return block
}

/** How many digits of a number field hold `value`: beyond, a pax record must say it. */
export function fits(value: number, digits: number): boolean {
  return value < 8 ** digits
}

/** A number field at any place: octal digits, or binary when its first bit is set (GNU). */
export function number(block: Buffer, [at, length]: readonly [number, number], what: string): number {
  const first = block[at] ?? 0
  if ((first & 0x80) !== 0) return binary(block.subarray(at, at + length), what)
  const digits = text(block, [at, length]).trim()
  if (digits === '') return 0
  if (!/^[0-7]+$/.test(digits)) throw new HeaderError(`a header has no readable ${what}`)
  return Number.parseInt(digits, 8)
}

function binary(field: Buffer, what: string): number {
  let value = 0n
  for (const byte of field) value = (value << 8n) | BigInt(byte)
  const bits = field.length * 8
  // The first bit only marks the form; the one below it is the sign.
  const magnitude = BigInt.asIntN(bits - 1, value)
  const result = Number(magnitude)
  if (!Number.isSafeInteger(result)) throw new HeaderError(`a header has a ${what} beyond all measure`)
  return result
}

export function text(block: Buffer, [at, length]: readonly [number, number]): ByteString {
  const end = block.indexOf(0, at)
  return block.toString('latin1', at, end === -1 ? at + length : Math.min(end, at + length))
}

function octal(value: number, digits: number): string {
  return fits(value, digits) ? value.toString(8).padStart(digits, '0') : '0'.repeat(digits)
}

/** Over all bytes, with the checksum's own counted as blanks. Old archivers added signed bytes. */
function checksums(block: Buffer): { unsigned: number; signed: number } {
  let [unsigned, signed] = [8 * SPACE, 8 * SPACE]
  for (let i = 0; i < BLOCK; i++) {
    if (i >= 148 && i < 156) continue
    const byte = block[i] ?? 0
    unsigned += byte
    signed += byte < 128 ? byte : byte - 256
  }
  return { unsigned, signed }
}
