import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ExtendedVersion, Version, VersionRange } from '../src/exver/index.ts'
import vectors from './vectors/exver.json' with { type: 'json' }

const orNull = (parse: () => { toString(): string }) => {
  try {
    return parse().toString()
  } catch {
    return null
  }
}

describe('the shared cases', () => {
  it('are all there', () => {
    const lists = Object.values(vectors).filter((value) => Array.isArray(value))
    expect(lists.reduce((sum, { length }) => sum + length, 0)).toBe(794)
  })

  it('reads and prints versions', () => {
    for (const { input, expect: printed } of vectors.versionParse) {
      expect([input, orNull(() => Version.parse(input))]).toEqual([input, printed])
    }
  })

  it('reads and prints extended versions', () => {
    for (const { input, expect: printed, flavor } of vectors.extendedParse) {
      expect([input, orNull(() => ExtendedVersion.parse(input))]).toEqual([input, printed])
      if (printed !== null) expect(ExtendedVersion.parse(input).flavor).toBe(flavor)
    }
  })

  it('reads and prints ranges and says whether they can be satisfied', () => {
    for (const { input, expect: printed, satisfiable } of vectors.rangeParse) {
      expect([input, orNull(() => VersionRange.parse(input))]).toEqual([input, printed])
      if (printed !== null)
        expect([input, VersionRange.parse(input).satisfiable()]).toEqual([input, satisfiable])
    }
  })

  it('compares versions, and gives no order to different flavours', () => {
    const number = { less: -1, equal: 0, greater: 1 }
    for (const [a, b, expected] of vectors.compare as [string, string, number | null][]) {
      const order = ExtendedVersion.parse(a).compare(ExtendedVersion.parse(b))
      expect([a, b, order && number[order]]).toEqual([a, b, expected])
    }
  })

  it('tests versions against ranges', () => {
    for (const [version, range, expected] of vectors.satisfies as [string, string, boolean][]) {
      const answer = ExtendedVersion.parse(version).satisfies(VersionRange.parse(range))
      expect([version, range, answer]).toEqual([version, range, expected])
    }
    for (const [version, range, expected] of vectors.plainVersionSatisfies as [string, string, boolean][]) {
      expect(Version.parse(version).satisfies(VersionRange.parse(range))).toBe(expected)
    }
  })

  it('says whether ranges intersect', () => {
    for (const [a, b, expected] of vectors.intersects as [string, string, boolean][]) {
      expect([a, b, VersionRange.parse(a).intersects(VersionRange.parse(b))]).toEqual([a, b, expected])
    }
  })
})

const piece = fc.bigInt({ min: 0n, max: 3n })
const plain = fc
  .tuple(
    fc.array(piece, { minLength: 1, maxLength: 3 }),
    fc.array(fc.oneof(piece, fc.constantFrom('a', 'b-1', 'rc1')), { maxLength: 2 }),
  )
  .map(([number, prerelease]) => new Version(number, prerelease))
const version = fc
  .tuple(fc.constantFrom(null, 'a', 'knots'), plain, plain)
  .map(([flavor, upstream, downstream]) => new ExtendedVersion(flavor, upstream, downstream))
const { range } = fc.letrec<{ range: VersionRange }>((tie) => ({
  range: fc.oneof(
    { maxDepth: 4 },
    fc
      .tuple(fc.constantFrom('=', '!=', '<', '<=', '>', '>=', '^', '~'), version)
      .map(([op, v]) => VersionRange.anchor(op, v)),
    fc.constantFrom(null, 'a', 'b').map((flavor) => VersionRange.flavor(flavor)),
    fc.constantFrom(VersionRange.any(), VersionRange.none()),
    fc.tuple(tie('range'), tie('range')).map(([a, b]) => a.and(b)),
    fc.tuple(tie('range'), tie('range')).map(([a, b]) => a.or(b)),
    tie('range').map((a) => a.not()),
  ),
}))

describe('any version and range', () => {
  it('prints what reads back the same', () => {
    fc.assert(fc.property(version, (v) => void expect(ExtendedVersion.parse(`${v}`).toString()).toBe(`${v}`)))
    fc.assert(
      fc.property(
        range,
        (r) => void expect(VersionRange.parse(`${r}`, { whole: true }).toString()).toBe(`${r}`),
      ),
    )
  })

  it('prints of any text that can be read what reads back the same', () => {
    const piece = fc.constantFrom(
      ...'0 1 10 01 18446744073709551615 . : - a rc1 #a # ^ ~ >= <= != = < > ! * ( ) && || '.split(' '),
      ' ',
    )
    const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''))
    fc.assert(
      fc.property(text, (written) => {
        for (const read of [Version.parse, ExtendedVersion.parse, (one: string) => VersionRange.parse(one)]) {
          const printed = orNull(() => read(written))
          if (printed !== null) expect([written, orNull(() => read(printed))]).toEqual([written, printed])
        }
      }),
      { numRuns: 5000 },
    )
  })

  it('keeps its meaning when normalised', () => {
    fc.assert(
      fc.property(range, version, (r, v) => void expect(r.normalize().satisfiedBy(v)).toBe(r.satisfiedBy(v))),
    )
    fc.assert(fc.property(range, (r) => void expect(r.normalize().equals(r)).toBe(true)))
  })

  it('is satisfiable whenever some version satisfies it', () => {
    fc.assert(
      fc.property(range, version, (r, v) => {
        if (r.satisfiedBy(v)) expect(r.satisfiable()).toBe(true)
        expect(r.not().satisfiedBy(v)).toBe(!r.satisfiedBy(v))
      }),
    )
  })

  it('meets another range exactly where some version is in both', () => {
    fc.assert(
      fc.property(range, range, version, (a, b, v) => {
        expect(a.intersects(b)).toBe(b.intersects(a))
        if (a.satisfiedBy(v) && b.satisfiedBy(v)) expect(a.intersects(b)).toBe(true)
        expect(a.and(b).satisfiedBy(v)).toBe(a.satisfiedBy(v) && b.satisfiedBy(v))
        expect(a.or(b).satisfiedBy(v)).toBe(a.satisfiedBy(v) || b.satisfiedBy(v))
        expect(a.intersects(a.not())).toBe(false)
      }),
    )
  })

  it('sorts totally', () => {
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        expect(a.compareForSort(b)).toBe(-b.compareForSort(a) || 0)
        if (a.compareForSort(b) <= 0 && b.compareForSort(c) <= 0)
          expect(a.compareForSort(c)).toBeLessThanOrEqual(0)
      }),
    )
  })
})

describe('input typed by a person', () => {
  it('may not carry a rest that is not understood', () => {
    expect(() => VersionRange.parse('>=1:0 garbage', { whole: true })).toThrow(/not a version range/)
  })

  it('is refused quickly however deep it nests', () => {
    for (const text of ['!('.repeat(8000), '('.repeat(16000), '!'.repeat(16000)])
      orNull(() => VersionRange.parse(text))
  })

  it('tells a version from a range by its members', () => {
    expect('satisfies' in ExtendedVersion.parse('1:0') && 'satisfies' in Version.parse('1')).toBe(true)
    expect('satisfiedBy' in VersionRange.any() && !('satisfies' in VersionRange.any())).toBe(true)
  })
})
