import type { ByteReader } from './byte-reader.ts'
import { BLOCK, HeaderError, number } from './header.ts'
import type { PaxRecords } from './pax.ts'

/** A file with holes: the pieces that are stored, in order, and its whole length. */
export interface SparseFile {
  size: number
  pieces: { offset: number; length: number }[]
}

const MAX_PIECES = 100_000
const ZEROS = new Uint8Array(64 * 1024)

/** The map of an old GNU sparse file, which goes on in blocks after the header. */
export async function gnuSparse(header: Buffer, reader: ByteReader): Promise<SparseFile> {
  const size = number(header, [483, 12], 'size')
  const pieces = piecesIn(header, 386, 4)
  let more = header[482] !== 0
  while (more) {
    const block = await reader.exactly(BLOCK)
    if (block === null) throw reader.cut()
    pieces.push(...piecesIn(block, 0, 21))
    if (pieces.length > MAX_PIECES) throw new HeaderError('a file has too many holes')
    more = block[504] !== 0
  }
  return checked({ size, pieces })
}

function piecesIn(block: Buffer, at: number, count: number): SparseFile['pieces'] {
  const pieces: SparseFile['pieces'] = []
  for (let i = 0; i < count; i++, at += 24) {
    if (block[at] === 0) break
    pieces.push({
      offset: number(block, [at, 12], 'hole'),
      length: number(block, [at + 12, 12], 'hole'),
    })
  }
  return pieces
}

/** The map that pax records describe (GNU formats 0.0, 0.1 and 1.0); null for an ordinary file. */
export async function paxSparse(
  records: PaxRecords,
  repeated: readonly number[],
  stored: number,
  reader: ByteReader,
): Promise<{ file: SparseFile; stored: number } | null> {
  if (records.get('GNU.sparse.major') === '1') {
    const size = whole(records.get('GNU.sparse.realsize'))
    const before = reader.position
    const numbers = await mapInContent(reader, stored)
    return { file: checked({ size, pieces: paired(numbers) }), stored: stored - (reader.position - before) }
  }
  const map = records.get('GNU.sparse.map')
  const size = records.get('GNU.sparse.size')
  if (size === undefined) return null
  const numbers = map === undefined ? repeated : map.split(',').map(whole)
  return { file: checked({ size: whole(size), pieces: paired(numbers) }), stored }
}

/** Lines of decimal numbers in whole blocks before the content: how many pieces, then offset and length of each. */
async function mapInContent(reader: ByteReader, stored: number): Promise<number[]> {
  const numbers: number[] = []
  let [digits, count, left] = ['', 1, stored]
  while (numbers.length < count) {
    const block = left < BLOCK ? null : await reader.exactly(BLOCK)
    if (block === null) throw new HeaderError('the map of a file with holes is cut off')
    left -= BLOCK
    for (const char of block.toString('latin1')) {
      if (numbers.length === count) break
      if (char !== '\n') {
        digits += char
        if (digits.length > 16) throw new HeaderError('the map of a file with holes is not readable')
        continue
      }
      numbers.push(whole(digits))
      digits = ''
      if (numbers.length === 1) count = 1 + 2 * (numbers[0] ?? 0)
      if (count > 2 * MAX_PIECES) throw new HeaderError('a file has too many holes')
    }
  }
  return numbers.slice(1)
}

/** The whole file, with its holes as zeros. */
export async function* withHoles(
  content: AsyncIterable<Uint8Array>,
  { size, pieces }: SparseFile,
): AsyncGenerator<Uint8Array> {
  const stored = content[Symbol.asyncIterator]()
  let [at, rest] = [0, ZEROS.subarray(0, 0)]
  for (const { offset, length } of pieces) {
    yield* zeros(offset - at)
    for (let left = length; left > 0;) {
      if (rest.length === 0) {
        const next = await stored.next()
        if (next.done === true) throw new HeaderError('a file with holes has less content than its map')
        rest = next.value as typeof rest
      }
      const piece = rest.subarray(0, left)
      rest = rest.subarray(piece.length)
      left -= piece.length
      yield piece
    }
    at = offset + length
  }
  yield* zeros(size - at)
}

function* zeros(length: number): Generator<Uint8Array> {
  for (let left = length; left > 0; left -= ZEROS.length)
    yield ZEROS.subarray(0, Math.min(left, ZEROS.length))
}

function paired(numbers: readonly number[]): SparseFile['pieces'] {
  if (numbers.length % 2 !== 0 || numbers.length > 2 * MAX_PIECES) {
    throw new HeaderError('the map of a file with holes is not readable')
  }
  return Array.from({ length: numbers.length / 2 }, (_, i) => ({
    offset: numbers[2 * i] ?? 0,
    length: numbers[2 * i + 1] ?? 0,
  }))
}

function checked(file: SparseFile): SparseFile {
  let at = 0
  for (const { offset, length } of file.pieces) {
    if (offset < at || length < 0 || offset + length > file.size) {
      throw new HeaderError('the map of a file with holes contradicts itself')
    }
    at = offset + length
  }
  if (file.size < 0) throw new HeaderError('the map of a file with holes contradicts itself')
  return file
}

export function whole(digits: string | undefined): number {
  const value = Number(digits)
  if (!/^\d{1,16}$/.test(digits ?? '') || !Number.isSafeInteger(value)) {
    throw new HeaderError('the map of a file with holes is not readable')
  }
  return value
}
