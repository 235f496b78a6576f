import type { Field } from './fields.ts'
import type { Random } from './random.ts'

/** A good package and what lies where in it. */
export interface Original {
  bytes: Buffer
  fields: Field[]
}

/** Numbers at which readers go wrong. */
const NUMBERS = [
  0n,
  1n,
  2n,
  127n,
  128n,
  154n,
  155n,
  156n,
  4096n,
  0x7fff_ffffn,
  0x8000_0000n,
  0xffff_ffffn,
  0x1_0000_0000n,
  (1n << 53n) - 1n,
  1n << 53n,
  (1n << 63n) - 1n,
  1n << 63n,
  (1n << 64n) - 1n,
]
const LONG_VARINTS = [
  'ffffffffffffffffff01',
  'ffffffffffffffffffff',
  '80808080808080808000',
  'ffffffff0f',
  '8000',
]
const NAMES = [
  '..',
  '.',
  '',
  'a/b',
  '/etc',
  '\0',
  '__proto__',
  'manifest.json',
  'é',
  '\ud83d\ude00',
  'icon.svg',
]

/** One to three changes; those to signed bytes of the header are rare, for each costs a check of the signature. */
export function mutate(original: Original, others: readonly Original[], random: Random): Buffer {
  let bytes: Buffer = Buffer.from(original.bytes)
  for (let left = 1 + random.below(3); left > 0; left--) bytes = change(bytes, original, others, random)
  return bytes
}

function change(bytes: Buffer, { fields }: Original, others: readonly Original[], random: Random): Buffer {
  const dice = random.below(100)
  if (dice < 55) return changeField(bytes, random.pick(fields), fields, random)
  if (dice < 70) return flip(bytes, 139 + random.below(Math.max(bytes.length - 139, 1)), random)
  if (dice < 78) return bytes.subarray(0, random.below(bytes.length + 1))
  if (dice < 84) return Buffer.concat([bytes, Buffer.alloc(random.below(300), random.next())])
  if (dice < 92) return splice(bytes, random.pick(others).bytes, random)
  return insert(bytes, random)
}

function changeField(bytes: Buffer, field: Field, fields: readonly Field[], random: Random): Buffer {
  const { kind, at, length } = field
  switch (kind) {
    case 'magic':
    case 'signed':
      return random.below(60) === 0 ? flip(bytes, at + random.below(length), random) : bytes
    case 'u64': {
      if (at + 8 > bytes.length) return bytes
      const near = BigInt(random.pick(fields).at + random.below(3) - 1)
      const value = random.below(2) === 0 ? random.pick(NUMBERS) : near
      bytes.writeBigUInt64BE(BigInt.asUintN(64, value), at)
      return bytes
    }
    case 'type':
      if (at < bytes.length) bytes[at] = random.pick([0, 1, 2, 3, 255])
      return bytes
    case 'count':
      return replace(bytes, field, Buffer.from(random.pick(LONG_VARINTS), 'hex'))
    case 'name':
      return replace(bytes, field, Buffer.from(random.pick(NAMES)))
    case 'hash':
    case 'body':
      return flip(bytes, at + random.below(length), random)
    default:
      return kind satisfies never
  }
}

function flip(bytes: Buffer, at: number, random: Random): Buffer {
  if (at < bytes.length) bytes[at]! ^= 1 << random.below(8)
  return bytes
}

function replace(bytes: Buffer, { at, length }: Field, by: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, at), by, bytes.subarray(at + length)])
}

/** The end of another package, or a part of the same file again. */
function splice(bytes: Buffer, other: Buffer, random: Random): Buffer {
  const cut = 139 + random.below(Math.max(bytes.length - 139, 1))
  return Buffer.concat([bytes.subarray(0, cut), other.subarray(random.below(other.length))])
}

function insert(bytes: Buffer, random: Random): Buffer {
  const at = 139 + random.below(Math.max(bytes.length - 139, 1))
  const extra = Buffer.alloc(1 + random.below(20), random.next())
  return Buffer.concat([bytes.subarray(0, at), extra, bytes.subarray(at + random.below(20))])
}
