import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { adopt } from '../src/adopt.ts'
import { applyPatch, diff, type JsonArray, type JsonValue, type Patch } from '../src/index.ts'
import { jsonArray } from './arbitrary.ts'

const shared = adopt({ id: 'o1' })

describe('the patch between two documents', () => {
  it.each<[string, JsonValue, JsonValue, Patch]>([
    ['null for an object', { a: 1 }, null, [{ op: 'replace', path: '', value: null }]],
    ['an object for an array', ['x'], { x: 1 }, [{ op: 'replace', path: '', value: { x: 1 } }]],
    [
      'a shorter array',
      ['x', 'y', 'z'],
      ['x'],
      [
        { op: 'remove', path: '/1' },
        { op: 'remove', path: '/1' },
      ],
    ],
    [
      'an empty array',
      ['x', 'y'],
      [],
      [
        { op: 'remove', path: '/0' },
        { op: 'remove', path: '/0' },
      ],
    ],
    ['a text in front, made anew', ['b'], ['a', 'b'], [{ op: 'add', path: '/0', value: 'a' }]],
    [
      'an object in front',
      [shared],
      [{ id: 'o0' }, shared],
      [{ op: 'add', path: '/0', value: { id: 'o0' } }],
    ],
    [
      'a renamed member',
      { old: 1, z: 1 },
      { new: 1, z: 1 },
      [
        { op: 'add', path: '/new', value: 1 },
        { op: 'remove', path: '/old' },
      ],
    ],
    [
      'changes below members that need escapes',
      { 'a/b': { '~': 1 } },
      { 'a/b': { '~': 2 } },
      [{ op: 'replace', path: '/a~1b/~0', value: 2 }],
    ],
  ])('says %s', (_, from, to, patch) => {
    expect(diff(adopt(from), adopt(to))).toEqual(patch)
  })

  it('has no more operations for lists of plain values than two cursors find that look ahead', () => {
    fc.assert(
      fc.property(edited(plainValues), ([from, to]) => {
        const [a, b] = [adopt(from) as JsonArray, adopt(to) as JsonArray]
        expect(diff(a, b).length).toBeLessThanOrEqual(twoCursors(a, b))
      }),
      { numRuns: 3000 },
    )
  })

  it('leads back by the undo of its application, operation by operation', () => {
    fc.assert(
      fc.property(edited(jsonArray), ([from, to]) => {
        const [a, b] = [adopt(from), adopt(to)]
        const there = applyPatch(a, diff(a, b))
        const back = applyPatch(there.value, there.undo)
        expect(back.value).toEqual(a)
        expect(applyPatch(back.value, back.undo).value).toEqual(b)
      }),
    )
  })
})

const plainValues = fc.array(fc.constantFrom<JsonValue>('x', 'y', 'z', 1, null), { maxLength: 9 })

/** A list, and what is left of it after some insertions, removals and changes. */
function edited(lists: fc.Arbitrary<JsonArray>): fc.Arbitrary<[JsonArray, JsonArray]> {
  return fc
    .tuple(
      lists,
      fc.array(fc.record({ act: fc.nat(2), at: fc.nat(9), value: fc.constantFrom<JsonValue>('x', 1, 'n') }), {
        maxLength: 4,
      }),
    )
    .map(([list, edits]) => {
      const next = structuredClone(list)
      for (const { act, at, value } of edits) {
        const index = at % (next.length + 1)
        if (act === 0) next.splice(index, 0, value)
        else if (act === 1) next.splice(index, 1)
        else if (index < next.length) next[index] = value
      }
      return [list, next]
    })
}

/**
 * How many operations the established method needs: equal lengths are compared place by place; else two cursors walk,
 * and an element of the shorter list that comes again later in the longer one tells an insertion from a change.
 */
function twoCursors(from: JsonArray, to: JsonArray): number {
  if (from.length > to.length) return twoCursors(to, from)
  let [ops, i, j] = [0, 0, 0]
  while (i < from.length && j < to.length) {
    const [a, b] = [from[i] as JsonValue, to[j] as JsonValue]
    if (a === b) i++
    else if (from.length < to.length && to.indexOf(a, j + 1) >= 0) ops++
    else {
      ops++
      i++
    }
    j++
  }
  return ops + (to.length - j) + (from.length - i)
}
