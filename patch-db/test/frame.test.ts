import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { adopt } from '../src/adopt.ts'
import { MAX_DEPTH, type JsonValue } from '../src/index.ts'
import { decodePayload, encodeRevisions } from '../src/log/frame.ts'
import { encodeInParts } from '../src/log/snapshot.ts'
import { json, key } from './arbitrary.ts'

function throughLog(value: JsonValue): unknown {
  const payload = Buffer.from(encodeRevisions([{ id: 1, patch: [{ op: 'add', path: '/a', value }] }]))
  return (decodePayload(payload) as unknown[][])[0]?.[3]
}

function throughSnapshot(value: JsonValue): unknown {
  return decodePayload(Buffer.concat([...encodeInParts(value)]))
}

describe('what the log holds', () => {
  it('comes back as it was, for any value', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(throughLog(adopt(value))).toEqual(adopt(value))
      }),
      { numRuns: 500 },
    )
  })

  it.each([0, -1, 23, 24, 2 ** 32, -(2 ** 32), 2 ** 53 - 1, -(2 ** 53) + 1, 2 ** 64, 1e300, 0.1, 5e-324])(
    'keeps the number %d',
    (number) => {
      expect(throughLog(number)).toBe(number)
    },
  )

  it('keeps long text, wide objects and the deepest nesting', () => {
    const text = 'é😀x'.repeat(100_000)
    expect(throughLog(text)).toBe(text)
    const wide = Object.fromEntries(Array.from({ length: 70_000 }, (_, i) => [`key ${i}`, i]))
    expect(throughLog(wide)).toEqual(wide)
    let deep: JsonValue = 1
    for (let i = 0; i < MAX_DEPTH; i++) deep = i % 2 === 0 ? [deep] : { a: deep }
    expect(throughLog(adopt(deep))).toEqual(deep)
    for (const value of [text, wide, deep]) expect(throughSnapshot(value)).toEqual(value)
  })

  it('comes back from a snapshot that is encoded in parts, however they fall', () => {
    const part = fc.oneof(
      json,
      fc.integer({ min: 0, max: 150_000 }).map((length) => 'x'.repeat(length)),
      fc.integer({ min: 0, max: 40_000 }).map((length) => Array.from({ length }, (_, i) => i)),
      fc
        .integer({ min: 0, max: 20_000 })
        .map((length) => Object.fromEntries(Array.from({ length }, (_, i) => [`key-${i}`, [i]]))),
    ) as fc.Arbitrary<JsonValue>
    const several = fc.oneof(fc.array(part, { maxLength: 30 }), fc.dictionary(key, part, { maxKeys: 30 }))
    fc.assert(
      fc.property(several, (value) => {
        expect(throughSnapshot(value as JsonValue)).toEqual(Array.isArray(value) ? value : { ...value })
      }),
      { numRuns: 40 },
    )
  })
})
