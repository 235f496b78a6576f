import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { IdRange } from './contract.ts'
import { composeMap } from './id-map.ts'

describe('the id map of a mount', () => {
  it('is the container’s own offset when nothing else is asked', () => {
    expect(composeMap([])).toEqual(['0:100000:65536'])
  })

  it('lets a moved id win over the one that was there', () => {
    expect(composeMap([{ fromId: 0, toId: 1000, range: 1 }])).toEqual([
      '0:101000:1',
      '1:100001:999',
      '1001:101001:64535',
    ])
  })

  it('applies ranges one after the other', () => {
    const chain = [
      { fromId: 5, toId: 10, range: 1 },
      { fromId: 10, toId: 20, range: 1 },
    ]
    const map = expand(composeMap(chain))
    expect(map.get(5)).toBe(20) // by way of 10; and so did 10 itself, which comes later
    expect(map.has(10)).toBe(false)
    expect(map.has(20)).toBe(false)
  })

  it('agrees with the definition, id by id', () => {
    const range = fc.record({
      fromId: fc.integer({ min: 0, max: 65_535 }),
      toId: fc.integer({ min: 0, max: 65_535 }),
      range: fc.integer({ min: 1, max: 3000 }),
    })
    fc.assert(
      fc.property(fc.array(range, { minLength: 1, maxLength: 4 }), (ranges) => {
        const map = expand(composeMap(ranges))
        expect(new Set(map.values()).size).toBe(map.size) // nobody shares an id
        for (const [disk, id] of map) expect(id).toBe(through(ranges, disk))
        for (let disk = 0; disk < 65_536; disk += 97) {
          const id = through(ranges, disk)
          if (id < 65_536) expect([...map.values()].includes(id)).toBe(true)
        }
      }),
      { numRuns: 10 },
    )
  })
})

const through = (ranges: readonly IdRange[], disk: number): number =>
  ranges.reduce((id, r) => (id >= r.fromId && id < r.fromId + r.range ? r.toId + (id - r.fromId) : id), disk)

/** Disk id → id inside. */
function expand(map: readonly string[]): Map<number, number> {
  const pairs = map.flatMap((extent) => {
    const [disk = 0, host = 0, count = 0] = extent.split(':').map(Number)
    return Array.from({ length: count }, (_, i) => [disk + i, host - 100_000 + i] as const)
  })
  return new Map(pairs)
}
