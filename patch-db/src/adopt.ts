import { PatchDbError } from './errors.ts'
import { deepEqual, FORBIDDEN_KEY, isContainer, isObject, MAX_DEPTH, type JsonValue } from './json.ts'
import { DEFAULT_SIZES, tooLarge } from './bounds.ts'

/** Answers the finished value behind a draft, or undefined where `value` is no draft. */
export type Unwrap = (value: object, depth: number, intake: Intake) => JsonValue | undefined

/**
 * What one change may still take in. References to one object are copies here, so a few objects that refer to each
 * other could otherwise stand for more values than any memory holds: each is taken once, and counted at every place.
 */
export type Intake = {
  left: number
  readonly most: number
  /** Greatest depth that was reached since somebody set this. */
  deepest: number
  taken: Map<object, Taken> | undefined
  readonly unwrap: Unwrap
}

type Taken = { readonly value: JsonValue; readonly bytes: number; readonly height: number }

const neverDraft: Unwrap = () => undefined

export function newIntake(most = DEFAULT_SIZES.documentBytes, unwrap = neverDraft): Intake {
  return { left: most, most, deepest: 0, taken: undefined, unwrap }
}

/**
 * Makes a foreign value the store's own: checked, copied and frozen. Whatever equals the value that stood there
 * before (`old`) is that very value, so that nothing changes identity without changing content; such parts are only
 * compared, not copied. Throws `InvalidValue` for all that JSON cannot say, and `TooLarge`.
 */
export function adopt(value: unknown, old?: JsonValue, depth = 0, intake = newIntake()): JsonValue {
  switch (typeof value) {
    case 'boolean':
      return value
    case 'string':
      if (value === old) return old
      spend(intake, value.length)
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
  const finished = intake.unwrap(value, depth, intake)
  if (finished !== undefined) return deepEqual(old, finished) ? (old as JsonValue) : finished
  if (value === old && Object.isFrozen(value)) return old as JsonValue
  return adoptContainer(value, old, depth, intake)
}

function adoptContainer(value: object, old: JsonValue | undefined, depth: number, intake: Intake): JsonValue {
  const known = intake.taken?.get(value)
  if (known !== undefined) {
    takeKnown(known, depth, intake)
    return deepEqual(old, known.value) ? (old as JsonValue) : known.value
  }
  enter(depth, intake)
  const { left, deepest } = intake
  intake.deepest = depth
  const own = Array.isArray(value)
    ? adoptArray(value, old, depth, intake)
    : adoptObject(value, old, depth, intake)
  if (own !== old) remember(value, own, left, depth, intake)
  intake.deepest = Math.max(deepest, intake.deepest)
  return own
}

function enter(depth: number, intake: Intake): void {
  if (depth >= MAX_DEPTH) throw tooDeep()
  if (depth > intake.deepest) intake.deepest = depth
}

function remember(given: object, value: JsonValue, left: number, depth: number, intake: Intake): void {
  intake.taken ??= new Map()
  intake.taken.set(given, { value, bytes: left - intake.left, height: intake.deepest - depth })
}

function takeKnown({ bytes, height }: Taken, depth: number, intake: Intake): void {
  spend(intake, bytes)
  enter(depth + height, intake)
}

function adoptArray(value: unknown[], old: JsonValue | undefined, depth: number, intake: Intake): JsonValue {
  const before = Array.isArray(old) ? old : []
  spend(intake, value.length + 1)
  let copy: JsonValue[] | undefined
  for (let i = 0; i < value.length; i++) {
    const element = adopt(value[i], before[i], depth + 1, intake)
    if (copy === undefined && element !== before[i]) copy = before.slice(0, i)
    copy?.push(element)
  }
  if (copy === undefined && before === old && before.length === value.length) return before
  return Object.freeze(copy ?? before.slice(0, value.length)) as JsonValue[]
}

function adoptObject(value: object, old: JsonValue | undefined, depth: number, intake: Intake): JsonValue {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) throw refuse(`an instance of ${nameOf(value)}`)
  const keys = Object.keys(value)
  spend(intake, keys.length + 1)
  const given = value as { [key: string]: unknown }
  if (!isObject(old)) return copyObject(given, keys, depth, intake)
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as string
    if (key === FORBIDDEN_KEY) throw refuse(`the key ${FORBIDDEN_KEY}`)
    // An inherited member is a function, and equals no JSON value.
    const was = old[key]
    const next = adopt(given[key], was, depth + 1, intake)
    if (next !== was) return copyObject(given, keys, depth, intake, old, i, next)
  }
  return Object.keys(old).length === keys.length
    ? old
    : copyObject(given, keys, depth, intake, old, keys.length)
}

/** Copies members: the first `same` are those of `old`, then comes `next`, and the rest is yet to be adopted. */
function copyObject(
  given: { [key: string]: unknown },
  keys: readonly string[],
  depth: number,
  intake: Intake,
  old: { [key: string]: JsonValue } = {},
  same = 0,
  next?: JsonValue,
): JsonValue {
  if (Object.getOwnPropertySymbols(given).length > 0) throw refuse('a symbol as a key')
  const copy: { [key: string]: JsonValue } = {}
  for (const [i, key] of keys.entries()) {
    if (key === FORBIDDEN_KEY) throw refuse(`the key ${FORBIDDEN_KEY}`)
    const was = Object.hasOwn(old, key) ? (old[key] as JsonValue) : undefined
    if (i < same) copy[key] = was as JsonValue
    else {
      const known = i === same ? next : undefined
      copy[checkText(key)] = known ?? adopt(given[key], was, depth + 1, intake)
      spend(intake, key.length)
    }
  }
  return Object.freeze(copy)
}

/** Lone surrogates have no UTF-8 form: what is read back after a restart would differ from what was written. */
export function checkText(text: string): string {
  if (!text.isWellFormed()) throw refuse('text with half of a surrogate pair')
  return text
}

/** Counts an own value that is taken in at one more place; throws `InvalidValue` if it would nest too deep there. */
export function takeAgain(value: JsonValue, depth: number, intake: Intake): void {
  if (typeof value === 'string') return spend(intake, value.length)
  if (!isContainer(value)) return
  const known = intake.taken?.get(value)
  if (known !== undefined) return takeKnown(known, depth, intake)
  enter(depth, intake)
  const { left, deepest } = intake
  intake.deepest = depth
  const members = Object.values(value)
  spend(intake, members.length + 1)
  for (const member of members) takeAgain(member, depth + 1, intake)
  remember(value, value, left, depth, intake)
  intake.deepest = Math.max(deepest, intake.deepest)
}

function spend(intake: Intake, bytes: number): void {
  intake.left -= bytes
  if (intake.left < 0) throw tooLarge('one change', intake.most)
}

function nameOf(value: object): string {
  const maker: unknown = value.constructor
  return typeof maker === 'function' ? maker.name : 'a class'
}

function tooDeep(): PatchDbError {
  return refuse(`more than ${MAX_DEPTH} levels of nesting`)
}

function refuse(what: string): PatchDbError {
  return new PatchDbError('InvalidValue', what)
}
