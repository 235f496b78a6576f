import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyPatch, diff, PatchDbError, type JsonValue, type Patch, type PatchOp } from '../src/index.ts'
import { replayer } from '../src/log/replay.ts'
import { rowOf } from '../src/log/row.ts'
import { json, relatives } from './arbitrary.ts'

const copy = (value: JsonValue) => structuredClone(value)
const replay = (root: JsonValue, patch: Patch) => replayer()(copy(root), rowOf({ id: 1, patch }))

function outcome(work: () => JsonValue): { value: JsonValue } | 'refused' {
  try {
    return { value: work() }
  } catch (error) {
    if (error instanceof PatchDbError) return 'refused'
    throw error
  }
}

describe('replaying a log in place', () => {
  it('leads from any document to any other by their difference', () => {
    fc.assert(
      fc.property(relatives, ([from, to]) => {
        expect(replay(from, diff(from, to))).toEqual(to)
      }),
    )
  })

  it('does to a document what applying the patch does, and refuses what that refuses', () => {
    const path = fc.constantFrom(
      '',
      '/a',
      '/a/b',
      '/a/0',
      '/0',
      '/1',
      '/-',
      '/a/-',
      '/~1',
      '/01',
      '/length',
      'x',
    )
    const op = fc.oneof(
      fc.record({ op: fc.constantFrom('add', 'replace'), path, value: json }),
      fc.record({ op: fc.constantFrom('remove', 'move'), path }),
    ) as fc.Arbitrary<PatchOp>
    fc.assert(
      fc.property(json, fc.array(op, { maxLength: 3 }), (root, patch) => {
        const own = structuredClone(patch)
        const expected = outcome(() => applyPatch(root, structuredClone(patch)).value)
        expect(outcome(() => replay(root, own))).toEqual(expected)
      }),
      { numRuns: 2000 },
    )
  })
})
