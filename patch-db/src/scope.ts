import type { JsonValue } from './json.ts'
import type { Patch, PatchOp } from './patch.ts'
import { parsePointer, valueAt } from './pointer.ts'

/**
 * The part of a patch that concerns `pointer`, with paths relative to it. Operations above the pointer become one
 * on the new root; removal of the pointer or of what holds it becomes `replace "" null`. Both pointers must be in
 * canonical form. Array indices count as keys: shifts above an element are not followed.
 */
export function scopePatch(patch: Patch, pointer: string): Patch {
  if (pointer === '') return patch
  const scoped: PatchOp[] = []
  for (const op of patch) {
    if (op.path.length > pointer.length) {
      if (isPrefix(pointer, op.path)) scoped.push({ ...op, path: op.path.slice(pointer.length) })
    } else if (isPrefix(op.path, pointer)) scoped.push(fromAbove(op, pointer.slice(op.path.length)))
  }
  return scoped
}

function fromAbove(op: PatchOp, rest: string): PatchOp {
  if (op.op === 'remove') return { op: 'replace', path: '', value: null }
  return { op: op.op, path: '', value: valueAt(op.value as JsonValue, parsePointer(rest)) ?? null }
}

function isPrefix(short: string, long: string): boolean {
  return long.startsWith(short) && (long.length === short.length || long[short.length] === '/')
}
