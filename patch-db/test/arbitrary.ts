import fc from 'fast-check'
import type { JsonValue } from '../src/index.ts'

const awkward = [
  '',
  'a',
  'b',
  '0',
  '1',
  '10',
  '-',
  'a/b',
  'm~n',
  '~1',
  '~0',
  'ключ',
  'cafe\u0301',
  'é',
  '😀',
  'length',
  'constructor',
  'toString',
]

export const key = fc.oneof(
  fc.constantFrom(...awkward),
  fc.string({ unit: 'grapheme', maxLength: 6 }).filter((text) => text !== '__proto__'),
)

const leaf = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => (number === 0 ? 0 : number)),
  fc.string({ unit: 'grapheme', maxLength: 8 }),
)

const tree = fc.letrec<{
  value: JsonValue
  leaf: JsonValue
  array: JsonValue[]
  object: { [key: string]: JsonValue }
}>((tie) => ({
  leaf: leaf as fc.Arbitrary<JsonValue>,
  value: fc.oneof({ maxDepth: 4, depthSize: 'small' }, tie('leaf'), tie('array'), tie('object')),
  array: fc.array(tie('value'), { maxLength: 6 }),
  object: fc.dictionary(key, tie('value'), { maxKeys: 6 }).map((object) => ({ ...object })),
}))

export const json = tree.value
export const jsonObject = tree.object
export const jsonArray = tree.array

/** A document and a relative of it, which shares many values with it: the usual case for a diff. */
export const relatives: fc.Arbitrary<[JsonValue, JsonValue]> = fc.oneof(
  fc.tuple(json, json),
  fc
    .tuple(fc.array(leaf, { maxLength: 8 }), fc.array(leaf, { maxLength: 8 }))
    .map(([a, b]): [JsonValue, JsonValue] => [
      [...a, 'x', ...b] as JsonValue,
      [...b, 'x', ...a.slice(1)] as JsonValue,
    ]),
  fc
    .tuple(jsonObject, fc.array(fc.tuple(key, json), { maxLength: 4 }), fc.array(key, { maxLength: 3 }))
    .map(([base, sets, removes]) => {
      const next = structuredClone(base)
      for (const [name, value] of sets) next[name] = value
      for (const name of removes) delete next[name]
      return [base, next] as [JsonValue, JsonValue]
    }),
)
