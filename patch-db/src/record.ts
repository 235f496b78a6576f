import { adopt, newIntake, takeAgain, type Intake, type Unwrap } from './adopt.ts'
import { diffArrays, diffInto } from './diff.ts'
import {
  createDraft,
  draftNode,
  REMOVED,
  type ArrayNode,
  type DraftNode,
  type ObjectNode,
  type Scope,
} from './draft.ts'
import { PatchDbError } from './errors.ts'
import { copyOf, isContainer, type JsonObject, type JsonValue } from './json.ts'
import type { Patch, PatchOp } from './patch.ts'
import { escapeSegment } from './pointer.ts'

export type Recorded<R> = { readonly value: JsonValue; readonly patch: Patch; readonly result: R }

/**
 * Runs `write` on a draft of an immutable document and answers the next document, the smallest patch that leads
 * there, and the function's result (drafts in it become plain values). The work is proportional to what was touched,
 * and what it takes in is bounded by `most` bytes. If nothing changed, `value` is `base` itself and the patch is empty.
 * A throw leaves nothing behind.
 */
export function record<R>(base: JsonValue, write: (draft: never) => R, most?: number): Recorded<R> {
  if (!isContainer(base))
    throw new PatchDbError('InvalidValue', 'a draft of a document that is no object or array')
  const scope: Scope = { open: true }
  const intake = newIntake(most, unwrapIn(scope))
  const draft = createDraft(base, scope, undefined)
  try {
    const result = write(draft as never)
    if (isThenable(result)) {
      result.then(undefined, () => undefined)
      throw new PatchDbError('AsyncMutate', 'the function returned a promise')
    }
    const ops: PatchOp[] = []
    const value = finish(draftNode(draft) as DraftNode, '', ops, intake)
    return { value, patch: ops, result: plain(result, intake) }
  } finally {
    scope.open = false
  }
}

/** The finished value of a node; its operations go to `ops` where the node still stands in its place. */
function finish(node: DraftNode, path: string, ops: PatchOp[] | undefined, intake: Intake): JsonValue {
  if (node.finished !== undefined) {
    if (ops !== undefined) diffInto(node.base, node.finished, path, ops)
    return node.finished
  }
  if (!node.written) return node.base
  if (node.finishing) throw new PatchDbError('InvalidValue', 'a value that contains itself')
  node.finishing = true
  node.finished =
    node.kind === 'array' ? finishArray(node, path, ops, intake) : finishObject(node, path, ops, intake)
  node.finishing = false
  return node.finished
}

function finishObject(node: ObjectNode, path: string, ops: PatchOp[] | undefined, intake: Intake): JsonValue {
  const { base, over = new Map<string, unknown>() } = node
  const sets = new Map<string, JsonValue>()
  let removes = false
  for (const key of ops !== undefined && over.size > 1 ? [...over.keys()].sort() : over.keys()) {
    const item = over.get(key)
    const old = Object.hasOwn(base, key) ? base[key] : undefined
    const child = draftNode(item)
    if (child !== undefined && child.base === old && !child.written) continue
    const at = ops === undefined ? '' : `${path}/${escapeSegment(key)}`
    if (item === REMOVED) {
      if (old === undefined) continue
      ops?.push({ op: 'remove', path: at })
      removes = true
      continue
    }
    if (child !== undefined && child.base === old) {
      const next = finish(child, at, ops, intake)
      if (next !== old) sets.set(key, next)
      continue
    }
    const next = adopt(item, old, node.depth + 1, intake)
    if (next === old) continue
    if (old === undefined) ops?.push({ op: 'add', path: at, value: next })
    else if (ops !== undefined) diffInto(old, next, at, ops)
    sets.set(key, next)
  }
  if (sets.size === 0 && !removes) return base
  return Object.freeze(rebuild(base, over, sets, removes))
}

function rebuild(
  base: JsonObject,
  over: ReadonlyMap<string, unknown>,
  sets: ReadonlyMap<string, JsonValue>,
  removes: boolean,
): JsonObject {
  let copy: JsonObject = {}
  if (removes) {
    for (const key of Object.keys(base)) if (over.get(key) !== REMOVED) copy[key] = base[key] as JsonValue
  } else copy = copyOf(base)
  for (const [key, value] of sets) copy[key] = value
  return copy
}

function finishArray(node: ArrayNode, path: string, ops: PatchOp[] | undefined, intake: Intake): JsonValue {
  const { base, copy } = node
  if (copy === undefined) return base
  const next: JsonValue[] = []
  for (let i = 0; i < copy.length; i++) {
    const child = draftNode(copy[i])
    const stays = child !== undefined && child.base === base[i] && child.parent === node
    next.push(stays ? finish(child, '', undefined, intake) : adopt(copy[i], base[i], node.depth + 1, intake))
  }
  if (next.length === base.length && next.every((value, i) => value === base[i])) return base
  if (ops !== undefined) diffArrays(base, next, path, ops)
  return Object.freeze(next) as JsonValue[]
}

/** Takes the values behind the drafts of one mutation; a draft of another one may still change. */
function unwrapIn(scope: Scope): Unwrap {
  return (value, depth, intake) => {
    const node = draftNode(value)
    if (node === undefined) return undefined
    if (node.scope !== scope) throw new PatchDbError('InvalidValue', 'a draft of another mutation')
    const finished = finish(node, '', undefined, intake)
    takeAgain(finished, depth, intake)
    return finished
  }
}

/** How deep drafts may hide in a result; deeper ones stay drafts, which end with the mutation. */
const RESULT_DEPTH = 3

/** Drafts handed out as a result become the values that they stand for; other results pass as they are. */
function plain<R>(result: R, intake: Intake, depth = 0): R {
  const node = draftNode(result)
  if (node !== undefined) return (node.scope.open ? finish(node, '', undefined, intake) : result) as R
  if (depth >= RESULT_DEPTH || !isContainer(result) || Object.isFrozen(result)) return result
  if (Array.isArray(result)) {
    const items = result.map((item) => plain(item, intake, depth + 1))
    return items.some((item, i) => item !== result[i]) ? (items as R) : result
  }
  if (Object.getPrototypeOf(result) !== Object.prototype) return result
  const members = Object.entries(result).map(
    ([key, value]) => [key, plain(value, intake, depth + 1), value] as const,
  )
  return members.some(([, now, was]) => now !== was) ? (Object.fromEntries(members) as R) : result
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  if (typeof value !== 'object' || value === null || draftNode(value) !== undefined) return false
  return 'then' in value && typeof value.then === 'function'
}
