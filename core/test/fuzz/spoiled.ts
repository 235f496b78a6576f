import fc from 'fast-check'
import { LOADED_TEXTS } from './schema-values.ts'

type Container = Record<string, unknown> | unknown[]

/** Values that nothing expects. Deeper and larger ones than any method needs are among them. */
const STRANGE: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  0.5,
  -0,
  2 ** 53,
  -(2 ** 63),
  1e308,
  [],
  [[]],
  {},
  nested(100),
  nested(300),
  Array.from({ length: 20_000 }, (_, index) => index),
  Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`key ${index}`, index])),
  'x'.repeat(200_000),
  { encrypted: {} },
  { encrypted: { protected: 'e30', iv: '', ciphertext: '', tag: '' } },
  JSON.parse('{"__proto__":{"polluted":true}}'),
  { constructor: { prototype: { polluted: true } } },
  { toString: 1, valueOf: 1, toJSON: 1, then: 1, length: -1 },
  ...LOADED_TEXTS,
]

/** Members that no method knows. */
const EXTRA: readonly (readonly [string, unknown])[] = [
  ['__proto__', { polluted: true }],
  ['constructor', { prototype: { polluted: true } }],
  ['__Auth_session', 'x'],
  ['toString', null],
  ['', 1],
  ['unknown member', nested(50)],
]

const strange = fc.constantFrom(...STRANGE)

/** Parameters like these, with something wrong: another type, a member too few or too many, or no object at all. */
export function spoiled(params: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const place = fc.nat()
  return fc.oneof(
    {
      weight: 4,
      arbitrary: fc.tuple(params, place, strange).map(([value, at, other]) => replace(value, at, other)),
    },
    { weight: 2, arbitrary: fc.tuple(params, place).map(([value, at]) => without(value, at)) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(params, fc.constantFrom(...EXTRA))
        .map(([value, [key, more]]) => withMember(value, key, more)),
    },
    { weight: 1, arbitrary: strange },
  )
}

function replace(value: unknown, at: number, other: unknown): unknown {
  const copy: unknown = structuredClone(value)
  const places = placesIn(copy)
  const place = places[at % places.length]
  if (place === undefined) return other
  set(place.holder, place.key, other)
  return copy
}

function without(value: unknown, at: number): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const keys = Object.keys(value)
  const gone = keys[at % keys.length]
  return Object.fromEntries(Object.entries(value).filter(([key]) => key !== gone))
}

function withMember(value: unknown, key: string, more: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  const copy = { ...value }
  set(copy, key, more)
  return copy
}

/** Also for `__proto__`, which a plain assignment would take for something else. */
function set(holder: Container, key: string, value: unknown): void {
  Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true })
}

function placesIn(value: unknown): { holder: Container; key: string }[] {
  if (typeof value !== 'object' || value === null) return []
  const holder = value as Container
  return Object.entries(holder).flatMap(([key, member]) => [{ holder, key }, ...placesIn(member)])
}

function nested(depth: number): unknown {
  let value: unknown = 1
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { a: value }
  return value
}
