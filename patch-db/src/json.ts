/** Members by name; immutable once it is in the store. */
export type JsonObject = { [key: string]: JsonValue }
/** Elements in order; immutable once it is in the store. */
export type JsonArray = JsonValue[]
export type JsonContainer = JsonObject | JsonArray
/** All that the store can hold (RFC 8259). */
export type JsonValue = null | boolean | number | string | JsonContainer

/** Deepest nesting that a document may have; every recursion over values is bounded by it. */
export const MAX_DEPTH = 512

/** Assigning this name to an object changes its prototype in most programs, so it never becomes a key. */
export const FORBIDDEN_KEY = '__proto__'

export function isContainer(value: unknown): value is JsonContainer {
  return typeof value === 'object' && value !== null
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Own members only: `toString` and friends are not part of a document. */
export function member(object: JsonObject, key: string): JsonValue | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined
}

/** Equal as JSON: member order doesn't matter; shared subtrees compare in one step. */
export function deepEqual(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  if (a === b) return true
  if (!isContainer(a) || !isContainer(b)) return false
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false
    for (let i = 0; i < a.length; i++) if (!deepEqual(a[i], b[i])) return false
    return true
  }
  if (Array.isArray(b)) return false
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  for (const key of keys) if (!Object.hasOwn(b, key) || !deepEqual(a[key], b[key])) return false
  return true
}

/** Freezes a tree that this program alone holds, such as one fresh from a decoder. */
export function deepFreeze<V extends JsonValue>(value: V): V {
  if (!isContainer(value)) return value
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const inner = value[i]
      if (isContainer(inner)) deepFreeze(inner)
    }
  } else
    for (const key in value) {
      const inner = value[key]
      if (isContainer(inner)) deepFreeze(inner)
    }
  return Object.freeze(value)
}

/** A copy of one level, without its prototype surprises. */
export function copyOf<C extends JsonContainer>(container: C): C
export function copyOf(container: JsonContainer): JsonContainer {
  if (Array.isArray(container)) return container.slice()
  return Object.keys(container).length > WIDE ? copyWide(container) : copyNarrow(container)
}

/**
 * V8 copies an object of a shape that it has seen here fifty times faster than others, and remembers only four shapes
 * at each such place. Wide objects are few and keep their shape for long, so they get a place of their own.
 */
const WIDE = 32

function copyWide(object: JsonObject): JsonObject {
  return { ...object }
}

function copyNarrow(object: JsonObject): JsonObject {
  return { ...object }
}
