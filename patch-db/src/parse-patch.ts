import { PatchDbError } from './errors.ts'
import { isObject } from './json.ts'
import type { PatchOp } from './patch.ts'

/**
 * Reads operations of RFC 6902 from untrusted input. Only `add`, `replace` and `remove` are taken: `move`, `copy` and
 * `test` are never made here, and no client of the stream knows them. Members that mean nothing are left out (RFC 6902,
 * section 4). Throws `InvalidPatch`; pointers and values are checked where they are used.
 */
export function parsePatch(input: unknown): PatchOp[] {
  if (!Array.isArray(input)) throw new PatchDbError('InvalidPatch', 'it is not an array of operations')
  return Array.from(input, parseOp)
}

/** One operation of `parsePatch`. */
export function parseOp(input: unknown, index: number): PatchOp {
  if (!isObject(input)) throw refuse(index, 'is not an object')
  const { op, path, value } = input as { [key: string]: unknown }
  if (typeof path !== 'string') throw refuse(index, 'has no path')
  if (op === 'remove') return { op, path }
  if (op !== 'add' && op !== 'replace') throw refuse(index, 'is none of add, replace and remove')
  if (value === undefined) throw refuse(index, 'carries no value')
  return { op, path, value }
}

function refuse(index: number, why: string): PatchDbError {
  return new PatchDbError('InvalidPatch', `operation ${index} ${why}`)
}
