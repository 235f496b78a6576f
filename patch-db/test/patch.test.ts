import fc from 'fast-check'
import fastJsonPatch, { type Operation } from 'fast-json-patch'
import { describe, expect, it } from 'vitest'
import { adopt } from '../src/adopt.ts'
import {
  applyPatch,
  diff,
  formatPointer,
  MAX_DEPTH,
  parsePointer,
  type JsonValue,
  type Patch,
} from '../src/index.ts'
import { json, jsonArray, key, relatives } from './arbitrary.ts'

const apply = (value: unknown, ...patch: Patch) => applyPatch(adopt(value), patch).value

describe('JSON pointers', () => {
  it('reads what it writes, for any keys', () => {
    fc.assert(
      fc.property(fc.array(key), (path) => {
        expect(parsePointer(formatPointer(path))).toEqual(path)
      }),
    )
  })
  it('knows the examples of RFC 6901', () => {
    expect(parsePointer('')).toEqual([])
    expect(parsePointer('/')).toEqual([''])
    expect(parsePointer('/a~1b/m~0n/~01')).toEqual(['a/b', 'm~n', '~1'])
    expect(parsePointer('/é')).toEqual(['é'])
  })
  it.each(['a', 'a/b', '/~2', '/~', '/a~', '/__proto__', '/a/__proto__/b'])('refuses %s', (pointer) => {
    expect(() => parsePointer(pointer)).toThrow(expect.objectContaining({ code: 'InvalidPointer' }))
  })
})

describe('applying a patch', () => {
  it('adds, overwrites, inserts and appends', () => {
    expect(apply({ a: 1 }, { op: 'add', path: '/b', value: 2 })).toEqual({ a: 1, b: 2 })
    expect(apply({ a: 1 }, { op: 'add', path: '/a', value: 2 })).toEqual({ a: 2 })
    expect(apply([1, 3], { op: 'add', path: '/1', value: 2 })).toEqual([1, 2, 3])
    expect(apply([1], { op: 'add', path: '/1', value: 2 })).toEqual([1, 2])
    expect(apply([1], { op: 'add', path: '/-', value: 2 })).toEqual([1, 2])
    expect(apply({ a: 1 }, { op: 'add', path: '', value: [] })).toEqual([])
    expect(apply({ '': { '': 1 } }, { op: 'replace', path: '//', value: 2 })).toEqual({ '': { '': 2 } })
  })
  it('treats replace of a missing member as add', () => {
    expect(apply({}, { op: 'replace', path: '/a', value: 1 })).toEqual({ a: 1 })
    expect(apply([1], { op: 'replace', path: '/1', value: 2 })).toEqual([1, 2])
  })
  it.each<[string, unknown, Patch[number]]>([
    ['an index beyond the end', [1], { op: 'add', path: '/2', value: 1 }],
    ['an index with a leading zero', [1], { op: 'add', path: '/01', value: 1 }],
    ['a negative index', [1], { op: 'add', path: '/-1', value: 1 }],
    ['a missing parent', {}, { op: 'add', path: '/a/b', value: 1 }],
    ['a path through a scalar', { a: 1 }, { op: 'add', path: '/a/b', value: 1 }],
    ['a path through null', { a: null }, { op: 'replace', path: '/a/b', value: 1 }],
    ['a path through an inherited member', {}, { op: 'add', path: '/constructor/prototype', value: 1 }],
    ['removal of the root', {}, { op: 'remove', path: '' }],
    ['removal of a missing member', {}, { op: 'remove', path: '/a' }],
    ['removal of an inherited member', {}, { op: 'remove', path: '/toString' }],
    ['removal behind the end', [1], { op: 'remove', path: '/-' }],
  ])('refuses %s', (_, document, op) => {
    expect(() => apply(document, op)).toThrow(expect.objectContaining({ code: 'PatchDoesNotFit' }))
  })
  it('changes nothing when an operation in the middle fails', () => {
    const document = adopt({ a: { b: [1, 2] } })
    const before = JSON.stringify(document)
    const patch: Patch = [
      { op: 'add', path: '/a/b/0', value: 0 },
      { op: 'remove', path: '/a/nothing' },
    ]
    expect(() => applyPatch(document, patch)).toThrow()
    expect(JSON.stringify(document)).toBe(before)
  })
  it('keeps what it did not touch', () => {
    const document = adopt({ a: { x: 1 }, b: { y: 1 } }) as { a: unknown; b: unknown }
    const next = applyPatch(document as JsonValue, [{ op: 'replace', path: '/b/y', value: 2 }]).value
    expect((next as typeof document).a).toBe(document.a)
    expect(Object.isFrozen(next)).toBe(true)
  })
  it('takes ten thousand operations and the deepest nesting', () => {
    const many: Patch = Array.from({ length: 10_000 }, (_, i) => ({ op: 'add', path: `/${i}`, value: i }))
    expect(apply([], ...many)).toHaveLength(10_000)
    let deep: JsonValue = 1
    for (let i = 0; i < MAX_DEPTH; i++) deep = i % 2 === 0 ? [deep] : { a: deep }
    const other = JSON.parse(JSON.stringify(deep).replace('1', '2')) as JsonValue
    const patch = diff(adopt(deep), adopt(other))
    expect(patch).toHaveLength(1)
    expect(apply(deep, ...patch)).toEqual(other)
  })
})

describe('diff', () => {
  it('leads from any document to any other, and undo leads back', () => {
    fc.assert(
      fc.property(relatives, ([from, to]) => {
        const [a, b] = [adopt(from), adopt(to)]
        const { value, undo } = applyPatch(a, diff(a, b))
        expect(value).toEqual(b)
        expect(applyPatch(value, undo).value).toEqual(a)
      }),
      { numRuns: 500 },
    )
  })
  it('writes patches that other programs for RFC 6902 apply alike', () => {
    fc.assert(
      fc.property(relatives, ([from, to]) => {
        const patch = structuredClone(diff(adopt(from), adopt(to))) as Operation[]
        const before = structuredClone(from)
        expect(fastJsonPatch.applyPatch(before, patch, true).newDocument).toEqual(to)
      }),
      { numRuns: 500 },
    )
  })
  it('says nothing about equal documents, even without shared parts', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(diff(adopt(value), adopt(structuredClone(value)))).toEqual([])
      }),
    )
  })
  it('spends one operation on one insertion or removal, wherever it is', () => {
    fc.assert(
      fc.property(jsonArray, json, fc.nat(), (list, value, at) => {
        const index = at % (list.length + 1)
        const longer = list.toSpliced(index, 0, value)
        expect(diff(adopt(list), adopt(longer))).toHaveLength(1)
        expect(diff(adopt(longer), adopt(list))).toHaveLength(1)
      }),
    )
  })
  it.each<[JsonValue, JsonValue, Patch]>([
    [{ a: 1 }, null, [{ op: 'replace', path: '', value: null }]],
    [null, { a: 1 }, [{ op: 'replace', path: '', value: { a: 1 } }]],
    [['x'], { x: 1 }, [{ op: 'replace', path: '', value: { x: 1 } }]],
    [{ a: [] }, { a: {} }, [{ op: 'replace', path: '/a', value: {} }]],
    [
      ['x', 'y'],
      [],
      [
        { op: 'remove', path: '/0' },
        { op: 'remove', path: '/0' },
      ],
    ],
    [
      ['x', 'y', 'z'],
      ['x'],
      [
        { op: 'remove', path: '/1' },
        { op: 'remove', path: '/1' },
      ],
    ],
    [
      { b: 1, a: 1 },
      { c: 1, a: 2 },
      [
        { op: 'replace', path: '/a', value: 2 },
        { op: 'remove', path: '/b' },
        { op: 'add', path: '/c', value: 1 },
      ],
    ],
  ])('from %j to %j', (from, to, patch) => {
    expect(diff(adopt(from), adopt(to))).toEqual(patch)
  })
})

describe('values', () => {
  class Point {
    x = 1
  }
  it.each<[string, unknown]>([
    ['undefined', undefined],
    ['an undefined member', { a: undefined }],
    ['NaN', [NaN]],
    ['Infinity', [Infinity]],
    ['bigint', 1n],
    ['a function', { f: () => 1 }],
    ['a symbol', [Symbol('x')]],
    ['a date', new Date()],
    ['a map', new Map()],
    ['a class instance', new Point()],
    ['a hole', [, 1]], // eslint-disable-line no-sparse-arrays
    ['__proto__ as a key', JSON.parse('{"a":{"__proto__":{"x":1}}}')],
    ['half of a surrogate pair', '\ud800'],
    ['half of a surrogate pair in a key', { '\udc00': 1 }],
  ])('refuses %s', (_, value) => {
    expect(() => adopt(value)).toThrow(expect.objectContaining({ code: 'InvalidValue' }))
  })
  it('refuses nesting that would overflow the stack, and cycles', () => {
    let deep: unknown = 1
    for (let i = 0; i < 10_000; i++) deep = [deep]
    expect(() => adopt(deep)).toThrow(expect.objectContaining({ code: 'InvalidValue' }))
    const cycle: { self?: unknown } = {}
    cycle.self = cycle
    expect(() => adopt(cycle)).toThrow(expect.objectContaining({ code: 'InvalidValue' }))
  })
  it('copies what it takes, so that the giver cannot change it later', () => {
    const given = { a: [1] }
    const own = adopt(given)
    given.a.push(2)
    expect(own).toEqual({ a: [1] })
    expect(Object.isFrozen(given)).toBe(false)
  })
})
