import { adopt, checkDepth } from './adopt.ts'
import { diffArrays, diffInto } from './diff.ts'
import { createDraft, draftNode, REMOVED, type ArrayNode, type DraftNode, type ObjectNode } from './draft.ts'
import { PatchDbError } from './errors.ts'
import { isContainer, type JsonValue } from './json.ts'
import type { Patch, PatchOp } from './patch.ts'
import { escapeSegment } from './pointer.ts'

export type Recorded<R> = { readonly value: JsonValue; readonly patch: Patch; readonly result: R }

/**
 * Runs `write` on a draft of an immutable document and answers the next document, the smallest patch that leads
 * there, and the function's result (drafts in it become plain values). The work is proportional to what was
 * touched. If nothing changed, `value` is `base` itself and the patch is empty. A throw leaves nothing behind.
 */
export function record<R>(base: JsonValue, write: (draft: never) => R): Recorded<R> {
  if (!isContainer(base))
    throw new PatchDbError('InvalidValue', 'a draft of a document that is no object or array')
  const scope = { open: true }
  const draft = createDraft(base, scope, undefined)
  try {
    const result = write(draft as never)
    if (isThenable(result)) {
      result.then(undefined, () => undefined)
      throw new PatchDbError('AsyncMutate', 'the function returned a promise')
    }
    const ops: PatchOp[] = []
    const value = finish(draftNode(draft) as DraftNode, '', ops)
    return { value, patch: ops, result: plain(result) }
  } finally {
    scope.open = false
  }
}

/** The finished value of a node; its operations go to `ops` where the node still stands in its place. */
function finish(node: DraftNode, path: string, ops: PatchOp[] | undefined): JsonValue {
  if (node.finished !== undefined) {
    if (ops !== undefined) diffInto(node.base, node.finished, path, ops)
    return node.finished
  }
  if (!node.written) return node.base
  if (node.finishing) throw new PatchDbError('InvalidValue', 'a value that contains itself')
  node.finishing = true
  node.finished = node.kind === 'array' ? finishArray(node, path, ops) : finishObject(node, path, ops)
  node.finishing = false
  return node.finished
}

function finishObject(node: ObjectNode, path: string, ops: PatchOp[] | undefined): JsonValue {
  const { base } = node
  const sets = new Map<string, JsonValue>()
  let removes = false
  for (const key of node.over.size > 1 ? [...node.over.keys()].sort() : node.over.keys()) {
    const item = node.over.get(key)
    const old = Object.hasOwn(base, key) ? base[key] : undefined
    const at = ops === undefined ? '' : `${path}/${escapeSegment(key)}`
    if (item === REMOVED) {
      if (old === undefined) continue
      ops?.push({ op: 'remove', path: at })
      removes = true
      continue
    }
    const child = draftNode(item)
    if (child !== undefined && child.base === old) {
      const next = finish(child, at, ops)
      if (next !== old) sets.set(key, next)
      continue
    }
    const next = resolve(item, old, node.depth + 1)
    if (next === old) continue
    if (old === undefined) ops?.push({ op: 'add', path: at, value: next })
    else if (ops !== undefined) diffInto(old, next, at, ops)
    sets.set(key, next)
  }
  if (sets.size === 0 && !removes) return base
  return Object.freeze(rebuild(node, sets, removes))
}

function rebuild(
  node: ObjectNode,
  sets: Map<string, JsonValue>,
  removes: boolean,
): { [key: string]: JsonValue } {
  let copy: { [key: string]: JsonValue } = {}
  if (removes) {
    for (const key of Object.keys(node.base))
      if (node.over.get(key) !== REMOVED) copy[key] = node.base[key] as JsonValue
  } else copy = { ...node.base }
  for (const [key, value] of sets) copy[key] = value
  return copy
}

function finishArray(node: ArrayNode, path: string, ops: PatchOp[] | undefined): JsonValue {
  const { base, copy } = node
  if (copy === undefined) return base
  const next: JsonValue[] = []
  for (let i = 0; i < copy.length; i++) next.push(resolve(copy[i], base[i], node.depth + 1))
  if (next.length === base.length && next.every((value, i) => value === base[i])) return base
  if (ops !== undefined) diffArrays(base, next, path, ops)
  return Object.freeze(next) as JsonValue[]
}

/** Any value that was written, as the store's own; `old` is what stood in its place. */
function resolve(value: unknown, old: JsonValue | undefined, depth: number): JsonValue {
  return adopt(value, old, depth, unwrap)
}

function unwrap(value: object, depth: number): JsonValue | undefined {
  const node = draftNode(value)
  if (node === undefined) return undefined
  const finished = finish(node, '', undefined)
  if (depth > node.depth) checkDepth(finished, depth)
  return finished
}

/** How deep drafts may hide in a result; deeper ones stay drafts, which end with the mutation. */
const RESULT_DEPTH = 3

/** Drafts handed out as a result become the values that they stand for; other results pass as they are. */
function plain<R>(result: R, depth = 0): R {
  const node = draftNode(result)
  if (node !== undefined) return finish(node, '', undefined) as R
  if (depth >= RESULT_DEPTH || !isContainer(result) || Object.isFrozen(result)) return result
  if (Array.isArray(result)) {
    const items = result.map((item) => plain(item, depth + 1))
    return items.some((item, i) => item !== result[i]) ? (items as R) : result
  }
  if (Object.getPrototypeOf(result) !== Object.prototype) return result
  const members = Object.entries(result).map(([key, value]) => [key, plain(value, depth + 1), value] as const)
  return members.some(([, now, was]) => now !== was) ? (Object.fromEntries(members) as R) : result
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  if (typeof value !== 'object' || value === null || draftNode(value) !== undefined) return false
  return 'then' in value && typeof value.then === 'function'
}
