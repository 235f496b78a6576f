import { PatchDbError } from '../errors.ts'
import { isContainer, type JsonObject, type JsonValue } from '../json.ts'
import { applyPatch, type Patch, type PatchOp } from '../patch.ts'
import { arrayIndex, childOf, parsePointer } from '../pointer.ts'

/**
 * What `applyPatch` answers, but written into `root` itself: for a document that nobody has seen yet, such as one
 * that is being read from a file. If it throws `PatchDoesNotFit`, `root` is in disorder and must not be used.
 */
export function replay(root: JsonValue, patch: Patch): JsonValue {
  let value = root
  for (const op of patch) {
    const segments = parsePointer(op.path)
    const last = segments.pop()
    if (last === undefined) {
      value = applyPatch(value, [op]).value
      continue
    }
    let parent: JsonValue | undefined = value
    for (const segment of segments) parent = childOf(parent, segment)
    if (!isContainer(parent)) throw misfit(op)
    if (Array.isArray(parent)) writeElement(parent, last, op)
    else writeMember(parent, last, op)
  }
  return value
}

function writeMember(parent: JsonObject, key: string, op: PatchOp): void {
  if (op.op !== 'remove') parent[key] = valueOf(op)
  else if (Object.hasOwn(parent, key)) delete parent[key]
  else throw misfit(op)
}

function writeElement(parent: JsonValue[], segment: string, op: PatchOp): void {
  const index = segment === '-' && op.op !== 'remove' ? parent.length : arrayIndex(segment)
  if (index < 0 || index > parent.length || (op.op === 'remove' && index === parent.length)) throw misfit(op)
  if (op.op === 'remove') parent.splice(index, 1)
  else if (op.op === 'replace' && index < parent.length) parent[index] = valueOf(op)
  else parent.splice(index, 0, valueOf(op))
}

function valueOf(op: PatchOp): JsonValue {
  if ((op.op !== 'add' && op.op !== 'replace') || op.value === undefined) throw misfit(op)
  return op.value as JsonValue
}

function misfit(op: PatchOp): PatchDbError {
  return new PatchDbError('PatchDoesNotFit', `${op.op} "${op.path}"`)
}
