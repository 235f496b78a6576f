import { PatchDbError } from '../errors.ts'
import { isContainer, type JsonObject, type JsonValue } from '../json.ts'
import { applyPatch, type Patch, type PatchOp } from '../patch.ts'
import { arrayIndex, childOf, parsePointer } from '../pointer.ts'

export type Replay = (root: JsonValue, patch: Patch) => JsonValue

/** Pointers that are kept parsed: a log names the same few places again and again. */
const KEPT = 10_000

/**
 * Answers a function that does what `applyPatch` does, but writes into `root` itself: for a document that nobody has
 * seen yet, such as one that is being read from a file. If it throws, `root` is in disorder and must not be used.
 */
export function replayer(): Replay {
  const parsed = new Map<string, readonly string[]>()
  const parse = (pointer: string): readonly string[] => {
    let segments = parsed.get(pointer)
    if (segments === undefined) {
      segments = parsePointer(pointer)
      if (parsed.size < KEPT) parsed.set(pointer, segments)
    }
    return segments
  }
  return (root, patch) => {
    let value = root
    for (const op of patch) value = replayOp(value, op, parse(op.path))
    return value
  }
}

function replayOp(root: JsonValue, op: PatchOp, segments: readonly string[]): JsonValue {
  const last = segments.at(-1)
  if (last === undefined) return applyPatch(root, [op]).value
  let parent: JsonValue | undefined = root
  for (let i = 0; i < segments.length - 1; i++) parent = childOf(parent, segments[i] as string)
  if (!isContainer(parent)) throw misfit(op)
  if (Array.isArray(parent)) writeElement(parent, last, op)
  else writeMember(parent, last, op)
  return root
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
