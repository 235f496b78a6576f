import { PatchDbError } from './errors.ts'
import { FORBIDDEN_KEY, isContainer, member, type JsonValue } from './json.ts'

/** One step of a path: an object key or an array index. */
export type Segment = string | number

/** Splits a JSON pointer (RFC 6901) into its unescaped segments. Throws `InvalidPointer`. */
export function parsePointer(pointer: string): string[] {
  if (pointer === '') return []
  if (pointer[0] !== '/') throw new PatchDbError('InvalidPointer', `"${pointer}" does not start with a slash`)
  if (!pointer.isWellFormed()) throw new PatchDbError('InvalidPointer', 'it has half of a surrogate pair')
  const segments = pointer.slice(1).split('/')
  for (let i = 0; i < segments.length; i++) {
    const segment = segments[i] as string
    if (segment.includes('~')) segments[i] = unescape(segment, pointer)
    if (segments[i] === FORBIDDEN_KEY) throw forbidden(pointer)
  }
  return segments
}

/** Writes segments as a JSON pointer; the inverse of `parsePointer`. */
export function formatPointer(segments: readonly Segment[]): string {
  let pointer = ''
  for (const segment of segments) pointer += '/' + escapeSegment(segment)
  return pointer
}

export function escapeSegment(segment: Segment): string {
  if (typeof segment === 'number') return String(segment)
  if (segment === FORBIDDEN_KEY) throw forbidden(segment)
  return segment.includes('~') || segment.includes('/')
    ? segment.replaceAll('~', '~0').replaceAll('/', '~1')
    : segment
}

/** The index that a segment names, or -1. RFC 6901: digits only, no leading zero. */
export function arrayIndex(segment: Segment): number {
  if (typeof segment === 'number') return Number.isSafeInteger(segment) && segment >= 0 ? segment : -1
  return /^(0|[1-9][0-9]{0,14})$/.test(segment) ? Number(segment) : -1
}

export function childOf(value: JsonValue | undefined, segment: Segment): JsonValue | undefined {
  if (!isContainer(value)) return undefined
  if (!Array.isArray(value)) return member(value, String(segment))
  const index = arrayIndex(segment)
  return index < 0 ? undefined : value[index]
}

/** The value at a path, or undefined where there is none. */
export function valueAt(root: JsonValue | undefined, segments: readonly Segment[]): JsonValue | undefined {
  let value = root
  for (const segment of segments) {
    value = childOf(value, segment)
    if (value === undefined) return undefined
  }
  return value
}

function unescape(segment: string, pointer: string): string {
  if (/~(?![01])/.test(segment))
    throw new PatchDbError('InvalidPointer', `"${pointer}" has a ~ that is not followed by 0 or 1`)
  return segment.replaceAll('~1', '/').replaceAll('~0', '~')
}

function forbidden(pointer: string): PatchDbError {
  return new PatchDbError('InvalidPointer', `"${pointer}" uses the key ${FORBIDDEN_KEY}`)
}
