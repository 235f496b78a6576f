import { PatchDbError } from './errors.ts'
import { copyOf, isContainer, type JsonContainer, type JsonValue } from './json.ts'
import { parseOp } from './parse-patch.ts'
import { arrayIndex, childOf, formatPointer, parsePointer } from './pointer.ts'

/** The three operations of RFC 6902 that the store uses; paths are JSON pointers. */
export type PatchOp =
  | { readonly op: 'add'; readonly path: string; readonly value: unknown }
  | { readonly op: 'replace'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string }

/** Operations in order: all of them take effect, or none. */
export type Patch = readonly PatchOp[]

/** One committed change: `id` is the sequence of the document after it. */
export type Revision = { readonly id: number; readonly patch: Patch }

/** A snapshot of the document (or of the part below a pointer) at sequence `id`. */
export type Dump<V = unknown> = { readonly id: number; readonly value: V }

/** The document after a patch, and the patch that leads back. */
export type Applied = { readonly value: JsonValue; readonly undo: Patch }

/**
 * Applies a patch to an immutable document: all of it, or it throws `PatchDoesNotFit` and nothing happened.
 * `replace` of a missing member adds it. What is no operation at all throws `InvalidPatch`. `undo` turns the result
 * back into `root`. Values inside the patch become part of the document, so they must not be changed later.
 */
export function applyPatch(root: JsonValue, patch: Patch): Applied {
  const fresh = new Set<JsonContainer>()
  const undo: PatchOp[] = []
  let value = root
  for (const [index, given] of patch.entries()) {
    const op = parseOp(given, index)
    const segments = parsePointer(op.path)
    const last = segments.pop()
    if (last === undefined) {
      undo.push({ op: 'replace', path: '', value })
      value = replaceRoot(op)
      continue
    }
    value = writable(value, fresh, op)
    let parent = value
    for (const segment of segments) {
      const child = writable(childOf(parent, segment), fresh, op)
      if (Array.isArray(parent)) parent[arrayIndex(segment)] = child
      else parent[segment] = child
      parent = child
    }
    const before = formatPointer(segments)
    undo.push(Array.isArray(parent) ? changeArray(parent, last, op, before) : changeObject(parent, last, op))
  }
  for (const node of fresh) Object.freeze(node)
  return { value, undo: undo.reverse() }
}

function replaceRoot(op: PatchOp): JsonValue {
  if (op.op === 'remove') throw misfit(op, 'the root cannot be removed')
  return valueOf(op)
}

function changeObject(parent: { [key: string]: JsonValue }, key: string, op: PatchOp): PatchOp {
  const old = Object.hasOwn(parent, key) ? parent[key] : undefined
  if (op.op === 'remove') {
    if (old === undefined) throw misfit(op, 'there is no such member')
    delete parent[key]
    return { op: 'add', path: op.path, value: old }
  }
  parent[key] = valueOf(op)
  return old === undefined ? { op: 'remove', path: op.path } : { op: 'replace', path: op.path, value: old }
}

function changeArray(parent: JsonValue[], segment: string, op: PatchOp, parentPath: string): PatchOp {
  const appends = segment === '-' && op.op !== 'remove'
  const index = appends ? parent.length : arrayIndex(segment)
  const path = `${parentPath}/${index}`
  const limit = op.op === 'remove' ? parent.length - 1 : parent.length
  if (index < 0 || index > limit) throw misfit(op, `the array has ${parent.length} elements`)
  const old = parent[index]
  if (op.op === 'remove') {
    parent.splice(index, 1)
    return { op: 'add', path, value: old }
  }
  if (op.op === 'replace' && old !== undefined) {
    parent[index] = valueOf(op)
    return { op: 'replace', path, value: old }
  }
  parent.splice(index, 0, valueOf(op))
  return { op: 'remove', path }
}

/** The node itself if this patch already copied it, else a copy that it may write to. */
function writable(node: JsonValue | undefined, fresh: Set<JsonContainer>, op: PatchOp): JsonContainer {
  if (!isContainer(node)) throw misfit(op, 'its parent is missing or is not an object or array')
  if (fresh.has(node)) return node
  const copy = copyOf(node)
  fresh.add(copy)
  return copy
}

function valueOf(op: Exclude<PatchOp, { op: 'remove' }>): JsonValue {
  return op.value as JsonValue
}

function misfit(op: PatchOp, why: string): PatchDbError {
  return new PatchDbError('PatchDoesNotFit', `${op.op} "${op.path}": ${why}`)
}
