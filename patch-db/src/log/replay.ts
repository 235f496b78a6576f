import { PatchDbError } from '../errors.ts'
import { isContainer, type JsonObject, type JsonValue } from '../json.ts'
import { arrayIndex, childOf, parsePointer } from '../pointer.ts'
import { ADD, REMOVE, REPLACE, type Row } from './row.ts'

export type Replay = (root: JsonValue, row: Row) => JsonValue

/** Pointers that are kept parsed: a log names the same few places again and again. */
const KEPT = 10_000

/**
 * Answers a function that does what `applyPatch` does with the operations of a row, but writes into `root` itself: for
 * a document that nobody has seen yet, such as one that is being read from a file. If it throws, `root` is in disorder
 * and must not be used.
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
  return (root, row) => {
    let value = root
    for (let at = 1; at < row.length; at += 3) {
      const pointer = row[at + 1]
      if (typeof pointer !== 'string') throw misfit(row, at)
      value = replayOne(value, row, at, parse(pointer))
    }
    return value
  }
}

/** One operation: the three items from `at` on. */
function replayOne(root: JsonValue, row: Row, at: number, segments: readonly string[]): JsonValue {
  const last = segments.at(-1)
  if (last === undefined) return valueOf(row, at)
  let parent: JsonValue | undefined = root
  for (let i = 0; i < segments.length - 1; i++) parent = childOf(parent, segments[i] as string)
  if (!isContainer(parent)) throw misfit(row, at)
  if (Array.isArray(parent)) writeElement(parent, last, row, at)
  else writeMember(parent, last, row, at)
  return root
}

function writeMember(parent: JsonObject, key: string, row: Row, at: number): void {
  if (row[at] !== REMOVE) parent[key] = valueOf(row, at)
  else if (Object.hasOwn(parent, key)) delete parent[key]
  else throw misfit(row, at)
}

function writeElement(parent: JsonValue[], segment: string, row: Row, at: number): void {
  const kind = row[at]
  const index = segment === '-' && kind !== REMOVE ? parent.length : arrayIndex(segment)
  if (index < 0 || index > parent.length || (kind === REMOVE && index === parent.length))
    throw misfit(row, at)
  if (kind === REMOVE) parent.splice(index, 1)
  else if (kind === REPLACE && index < parent.length) parent[index] = valueOf(row, at)
  else parent.splice(index, 0, valueOf(row, at))
}

function valueOf(row: Row, at: number): JsonValue {
  const value = row[at + 2]
  if ((row[at] !== ADD && row[at] !== REPLACE) || value === undefined) throw misfit(row, at)
  return value as JsonValue
}

function misfit(row: Row, at: number): PatchDbError {
  return new PatchDbError('PatchDoesNotFit', `operation ${(at - 1) / 3} at "${String(row[at + 1])}"`)
}
