import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { adopt } from '../src/adopt.ts'
import { applyPatch, diff, type JsonArray, type JsonObject, type JsonValue } from '../src/index.ts'
import { record } from '../src/record.ts'
import { json, jsonObject, key } from './arbitrary.ts'

type Step = {
  readonly choices: readonly number[]
  readonly act: number
  readonly key: string
  readonly value: JsonValue
}

const steps = fc.array(
  fc.record({ choices: fc.array(fc.nat(5), { maxLength: 4 }), act: fc.nat(11), key, value: json }),
  { maxLength: 8 },
)

/** Walks down by choices and writes there; works alike on a draft and on a plain copy. */
function perform(root: JsonObject, step: Step): void {
  let at: JsonObject | JsonArray = root
  for (const choice of step.choices) {
    const children = valuesOf(at).filter((child) => typeof child === 'object' && child !== null)
    const child = children[choice % Math.max(1, children.length)]
    if (child === undefined) break
    at = child as JsonObject | JsonArray
  }
  const value = structuredClone(step.value)
  if (Array.isArray(at)) return performOnArray(at, step.act, value)
  const names = Object.keys(at).sort()
  const existing = names[step.act % Math.max(1, names.length)]
  if (step.act < 5) at[step.key] = value
  else if (step.act < 7 && existing !== undefined) delete at[existing]
  else if (step.act < 9 && existing !== undefined) at[existing] = structuredCloneOf(at[existing] as JsonValue)
  else if (existing !== undefined) at[existing] = value
}

function performOnArray(list: JsonArray, act: number, value: JsonValue): void {
  switch (act) {
    case 0:
      list.push(value, 7)
      break
    case 1:
      list.unshift(value)
      break
    case 2:
      list.pop()
      break
    case 3:
      list.shift()
      break
    case 4:
      list.splice(1, 1, value, value === null ? 1 : null)
      break
    case 5:
      list.reverse()
      break
    case 6:
      list.length = Math.min(list.length, 1)
      break
    case 7:
      list.sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)))
      break
    case 8:
      if (list.length > 0) list[list.length - 1] = value
      break
    case 9:
      list.copyWithin(0, 1)
      list.splice(0, list.length, ...structuredCloneOf(list))
      break
    case 10:
      list.splice(0, list.length, ...list.filter((_, i) => i % 2 === 0))
      break
    default:
      list.fill(value)
  }
}

/** In an order that a draft and a plain object share. */
function valuesOf(at: JsonObject | JsonArray): JsonValue[] {
  if (Array.isArray(at)) return at
  return Object.keys(at)
    .sort()
    .map((name) => at[name] as JsonValue)
}

function structuredCloneOf<V>(value: V): V {
  return JSON.parse(JSON.stringify(value)) as V
}

function recordOn(base: unknown, write: (draft: never) => unknown) {
  return record(adopt(base), write)
}

describe('a draft', () => {
  it('behaves as a plain object, and records what a full compare finds', () => {
    fc.assert(
      fc.property(jsonObject, steps, (document, todo) => {
        const base = adopt(document)
        const plain = structuredClone(document)
        const before = JSON.stringify(base)
        const { value, patch } = record(base, (draft: JsonObject) =>
          todo.forEach((step) => perform(draft, step)),
        )
        todo.forEach((step) => perform(plain, step))
        expect(value).toEqual(adopt(plain))
        expect(patch).toEqual(diff(base, value))
        const applied = applyPatch(base, patch)
        expect(applied.value).toEqual(value)
        expect(applyPatch(value, applied.undo).value).toEqual(base)
        expect(patch.length === 0).toBe(value === base)
        expect(JSON.stringify(base)).toBe(before)
      }),
      { numRuns: 1500 },
    )
  })

  it('records nothing for writes that change nothing', () => {
    const base = adopt({ a: { b: [1, { c: 2 }] }, d: 'x' })
    const { patch, value } = record(base, (draft: { a: { b: unknown[] }; d: string; e?: number }) => {
      draft.a = { b: [1, { c: 2 }] }
      draft.d = 'x'
      draft.e = 1
      delete draft.e
      draft.a.b = draft.a.b.map((item) => item)
      draft.a.b.push(1)
      draft.a.b.pop()
    })
    expect(patch).toEqual([])
    expect(value).toBe(base)
  })

  it('keeps the identity of everything that kept its content', () => {
    const base = adopt({ list: [{ id: 1 }, { id: 2 }], other: { deep: {} } })
    const { value } = record(base, (draft: { list: { id: number; x?: number }[]; other: object }) => {
      draft.list = [{ id: 1 }, { id: 2, x: 3 }]
      draft.other = { deep: {} }
    })
    expect((value as JsonObject)['other']).toBe((base as JsonObject)['other'])
    expect(((value as JsonObject)['list'] as JsonArray)[0]).toBe(
      ((base as JsonObject)['list'] as JsonArray)[0],
    )
  })

  it('moves parts of the document about', () => {
    const { value, patch } = recordOn(
      { a: { x: 1 }, b: null },
      (draft: { a?: { x: number }; b: unknown; c?: unknown }) => {
        draft.b = draft.a
        delete draft.a
        ;(draft.b as { x: number }).x = 2
        draft.c = { inner: draft.b }
      },
    )
    expect(value).toEqual({ b: { x: 2 }, c: { inner: { x: 2 } } })
    expect(patch).toHaveLength(3)
  })

  it('lets an assigned object grow until the mutation ends', () => {
    const { value } = recordOn({}, (draft: { a?: { list: number[] } }) => {
      const entry = { list: [1] }
      draft.a = entry
      entry.list.push(2)
      draft.a.list.push(3)
    })
    expect(value).toEqual({ a: { list: [1, 2, 3] } })
  })

  it('makes a copy of a snapshot part writable', () => {
    const snapshot = adopt({ x: [1] })
    const { value } = recordOn({ list: [] }, (draft: { a?: { x: number[] }; list: { x: number[] }[] }) => {
      draft.a = snapshot as { x: number[] }
      draft.a.x.push(2)
      draft.list.push(snapshot as { x: number[] })
      draft.list[0]?.x.push(3)
    })
    expect(value).toEqual({ a: { x: [1, 2] }, list: [{ x: [1, 3] }] })
    expect(snapshot).toEqual({ x: [1] })
  })

  it('answers results as plain values', () => {
    const { result } = recordOn({ a: { x: 1 } }, (draft: { a: { x: number } }) => {
      draft.a.x++
      return draft.a
    })
    expect(result).toEqual({ x: 2 })
    expect(Object.isFrozen(result)).toBe(true)
    const nested = recordOn({ a: { x: [1] } }, (draft: { a: { x: number[] } }) => ({
      n: 1,
      found: [draft.a.x],
    }))
    expect(nested.result).toEqual({ n: 1, found: [[1]] })
  })

  it('can be listed, spread, compared and written as JSON', () => {
    recordOn({ b: 1, a: [1, 2] }, (draft: { a: number[]; b?: number; c?: number }) => {
      draft.c = 3
      delete draft.b
      expect(Object.keys(draft)).toEqual(['a', 'c'])
      expect('b' in draft).toBe(false)
      expect(JSON.stringify(draft)).toBe('{"a":[1,2],"c":3}')
      expect({ ...draft, a: [...draft.a] }).toEqual({ a: [1, 2], c: 3 })
      expect(Array.isArray(draft.a)).toBe(true)
      expect(draft.a.includes(2)).toBe(true)
    })
  })

  it.each<[string, (draft: { [key: string]: unknown; list: unknown[] }) => unknown]>([
    ['undefined', (draft) => (draft['a'] = undefined)],
    ['NaN', (draft) => (draft['a'] = NaN)],
    ['a bigint', (draft) => (draft['a'] = 1n)],
    ['a nested function', (draft) => (draft['a'] = { b: [() => 1] })],
    ['a hole', (draft) => (draft.list.length = 3)],
    ['itself', (draft) => (draft['a'] = draft)],
    ['its own parent', (draft) => draft.list.push(draft)],
    ['__proto__ as a key', (draft) => (draft['__proto__'] = { polluted: 1 })],
    ['__proto__ as a nested key', (draft) => (draft['a'] = JSON.parse('{"__proto__":{"polluted":1}}'))],
    ['a getter', (draft) => Object.defineProperty(draft, 'a', { get: () => 1 })],
    ['a named member of an array', (draft) => Object.assign(draft.list, { name: 1 })],
  ])('refuses %s', (_, write) => {
    expect(() => recordOn({ list: [] }, write as (draft: never) => unknown)).toThrow(
      expect.objectContaining({ code: 'InvalidValue' }),
    )
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
  })

  it('treats names of inherited members as ordinary keys', () => {
    const { value } = recordOn({}, (draft: { [key: string]: unknown }) => {
      draft['constructor'] = 1
      draft['toString'] = 'x'
    })
    expect(Object.keys(value as object)).toEqual(['constructor', 'toString'])
  })

  it('is dead once its mutation is over, or was never synchronous', () => {
    let kept: { a: number } | undefined
    recordOn({ a: 1 }, (draft: { a: number }) => void (kept = draft))
    expect(() => kept?.a).toThrow(expect.objectContaining({ code: 'DraftEnded' }))
    expect(() => recordOn({ a: 1 }, async () => undefined)).toThrow(
      expect.objectContaining({ code: 'AsyncMutate' }),
    )
  })
})
