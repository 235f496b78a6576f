import { deepEqual, isObject, type JsonArray, type JsonObject, type JsonValue } from './json.ts'
import type { Patch, PatchOp } from './patch.ts'
import { escapeSegment } from './pointer.ts'

/** The smallest patch that this comparison finds from one document to another; empty if they are equal. */
export function diff(from: JsonValue, to: JsonValue): Patch {
  const ops: PatchOp[] = []
  diffInto(from, to, '', ops)
  return ops
}

/** As `diff`, appending to `ops` with paths below `path`. Shared subtrees cost one comparison. */
export function diffInto(from: JsonValue, to: JsonValue, path: string, ops: PatchOp[]): void {
  if (from === to) return
  if (Array.isArray(from) && Array.isArray(to)) diffArrays(from, to, path, ops)
  else if (isObject(from) && isObject(to)) diffObjects(from, to, path, ops)
  else ops.push({ op: 'replace', path, value: to })
}

function diffObjects(from: JsonObject, to: JsonObject, path: string, ops: PatchOp[]): void {
  const changed: string[] = []
  for (const key of Object.keys(from)) if (!Object.hasOwn(to, key) || from[key] !== to[key]) changed.push(key)
  for (const key of Object.keys(to)) if (!Object.hasOwn(from, key)) changed.push(key)
  for (const key of changed.sort()) {
    const at = `${path}/${escapeSegment(key)}`
    if (!Object.hasOwn(to, key)) ops.push({ op: 'remove', path: at })
    else if (!Object.hasOwn(from, key)) ops.push({ op: 'add', path: at, value: to[key] })
    else diffInto(from[key] as JsonValue, to[key] as JsonValue, at, ops)
  }
}

/** Equal ends are set aside first, so that one insertion or removal anywhere costs one operation. */
export function diffArrays(from: JsonArray, to: JsonArray, path: string, ops: PatchOp[]): void {
  let start = 0
  let fromEnd = from.length
  let toEnd = to.length
  while (start < fromEnd && start < toEnd && deepEqual(from[start], to[start])) start++
  while (fromEnd > start && toEnd > start && deepEqual(from[fromEnd - 1], to[toEnd - 1])) {
    fromEnd--
    toEnd--
  }
  const grows = to.length > from.length
  const shrinks = to.length < from.length
  const ahead = grows
    ? countIdentities(to, start, toEnd)
    : countIdentities(from, start, shrinks ? fromEnd : start)
  let at = start
  let i = start
  while (i < fromEnd && at < toEnd) {
    const a = from[i] as JsonValue
    const b = to[at] as JsonValue
    drop(ahead, grows ? b : a)
    if (a !== b && grows && ahead.has(a)) {
      ops.push({ op: 'add', path: `${path}/${at++}`, value: b })
    } else if (a !== b && shrinks && ahead.has(b)) {
      ops.push({ op: 'remove', path: `${path}/${at}` })
      i++
    } else {
      diffInto(a, b, `${path}/${at++}`, ops)
      i++
    }
  }
  for (; i < fromEnd; i++) ops.push({ op: 'remove', path: `${path}/${at}` })
  for (; at < toEnd; at++) ops.push({ op: 'add', path: `${path}/${at}`, value: to[at] })
}

/** How often each element (containers by identity) still lies ahead of the cursor. */
function countIdentities(list: JsonArray, start: number, end: number): Map<JsonValue, number> {
  const counts = new Map<JsonValue, number>()
  for (let i = start; i < end; i++)
    counts.set(list[i] as JsonValue, (counts.get(list[i] as JsonValue) ?? 0) + 1)
  return counts
}

function drop(counts: Map<JsonValue, number>, value: JsonValue): void {
  const count = counts.get(value)
  if (count === 1) counts.delete(value)
  else if (count !== undefined) counts.set(value, count - 1)
}
