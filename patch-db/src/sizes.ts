import { tooLarge, type Sizes } from './bounds.ts'
import { isContainer, type JsonValue } from './json.ts'
import type { Patch } from './patch.ts'

/** Around each operation: its map, the names of its members and of the operation. */
const OPERATION_BYTES = 24

/** Keeps the document within its bound at a cost in proportion to the change. */
export class SizeGuard {
  readonly #sizes: Sizes
  /** Never below the size of the document; made exact when it would forbid something. */
  #atMost: number

  constructor(sizes: Sizes, atMost: number) {
    this.#sizes = sizes
    this.#atMost = atMost
  }

  /** Throws `TooLarge` if `patch` is, or if it makes the document `next` too large. */
  check(patch: Patch, before: JsonValue, next: JsonValue): void {
    const { revisionBytes, documentBytes } = this.#sizes
    const added = sizeOfPatch(patch, revisionBytes)
    if (added > revisionBytes) throw tooLarge('one revision', revisionBytes)
    if (this.#atMost + added > documentBytes) {
      const size = sizeOf(next)
      if (size > documentBytes && size > sizeOf(before)) throw tooLarge('the document', documentBytes)
      this.#atMost = size
    } else this.#atMost += added
  }
}

function sizeOfPatch(patch: Patch, enough: number): number {
  let size = 0
  for (const op of patch) {
    size += OPERATION_BYTES + textSize(op.path)
    if (op.op !== 'remove') size += sizeOf(op.value as JsonValue, enough - size)
    if (size > enough) break
  }
  return size
}

/** Bytes of a value as CBOR (RFC 8949). Stops counting where the answer is more than `enough`. */
export function sizeOf(value: JsonValue, enough = Number.POSITIVE_INFINITY): number {
  if (typeof value === 'string') return textSize(value)
  if (typeof value === 'number') return Number.isInteger(value) ? headSize(Math.abs(value)) : 9
  if (!isContainer(value)) return 1
  const isArray = Array.isArray(value)
  const members: JsonValue[] = isArray ? value : Object.values(value)
  let size = headSize(members.length)
  if (!isArray) for (const key of Object.keys(value)) size += textSize(key)
  for (const member of members) {
    if (size > enough) return size
    size += sizeOf(member, enough - size)
  }
  return size
}

function textSize(text: string): number {
  const bytes = Buffer.byteLength(text)
  return headSize(bytes) + bytes
}

/** A number or length in CBOR: small ones share a byte with the type. */
function headSize(number: number): number {
  if (number < 24) return 1
  if (number < 0x100) return 2
  if (number < 0x1_0000) return 3
  return number < 0x1_0000_0000 ? 5 : 9
}
