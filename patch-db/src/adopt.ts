import { PatchDbError } from './errors.ts'
import { deepEqual, FORBIDDEN_KEY, isContainer, isObject, MAX_DEPTH, type JsonValue } from './json.ts'

/** Answers the finished value behind a draft, or undefined where `value` is no draft. */
export type Unwrap = (value: object, depth: number) => JsonValue | undefined

const neverDraft: Unwrap = () => undefined

/**
 * Makes a foreign value the store's own: checked, copied and frozen. Whatever equals the value that stood there
 * before (`old`) is that very value, so that nothing changes identity without changing content.
 * Throws `InvalidValue` for all that JSON cannot say.
 */
export function adopt(value: unknown, old?: JsonValue, depth = 0, unwrap: Unwrap = neverDraft): JsonValue {
  switch (typeof value) {
    case 'boolean':
      return value
    case 'string':
      return checkText(value)
    case 'number':
      if (!Number.isFinite(value)) throw refuse(String(value))
      return value === 0 ? 0 : value
    case 'object':
      break
    default:
      throw refuse(typeof value)
  }
  if (value === null) return null
  const finished = unwrap(value, depth)
  if (finished !== undefined) return deepEqual(old, finished) ? (old as JsonValue) : finished
  if (value === old && Object.isFrozen(value)) return old as JsonValue
  if (depth >= MAX_DEPTH) throw refuse(`more than ${MAX_DEPTH} levels of nesting`)
  return Array.isArray(value) ? adoptArray(value, old, depth, unwrap) : adoptObject(value, old, depth, unwrap)
}

function adoptArray(value: unknown[], old: JsonValue | undefined, depth: number, unwrap: Unwrap): JsonValue {
  const before = Array.isArray(old) ? old : []
  const copy: JsonValue[] = []
  let same = before === old && before.length === value.length
  for (let i = 0; i < value.length; i++) {
    const element = adopt(value[i], before[i], depth + 1, unwrap)
    if (element !== before[i]) same = false
    copy.push(element)
  }
  return same ? before : (Object.freeze(copy) as JsonValue[])
}

function adoptObject(value: object, old: JsonValue | undefined, depth: number, unwrap: Unwrap): JsonValue {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) throw refuse(`an instance of ${nameOf(value)}`)
  const before = isObject(old) ? old : undefined
  const copy: { [key: string]: JsonValue } = {}
  let count = 0
  let same = before !== undefined
  for (const [key, item] of Object.entries(value) as [string, unknown][]) {
    if (key === FORBIDDEN_KEY) throw refuse(`the key ${FORBIDDEN_KEY}`)
    const was = before !== undefined && Object.hasOwn(before, key) ? before[key] : undefined
    const next = adopt(item, was, depth + 1, unwrap)
    if (next !== was) same = false
    copy[checkText(key)] = next
    count++
  }
  if (before !== undefined && same && Object.keys(before).length === count) return before
  return Object.freeze(copy)
}

/** Lone surrogates have no UTF-8 form: what is read back after a restart would differ from what was written. */
function checkText(text: string): string {
  if (!text.isWellFormed()) throw refuse('text with half of a surrogate pair')
  return text
}

/** Throws `InvalidValue` if an own value, moved to `depth`, would nest too deep. */
export function checkDepth(value: JsonValue, depth: number): void {
  if (!isContainer(value)) return
  if (depth >= MAX_DEPTH) throw refuse(`more than ${MAX_DEPTH} levels of nesting`)
  for (const child of Object.values(value)) checkDepth(child, depth + 1)
}

function nameOf(value: object): string {
  const maker: unknown = value.constructor
  return typeof maker === 'function' ? maker.name : 'a class'
}

function refuse(what: string): PatchDbError {
  return new PatchDbError('InvalidValue', what)
}
