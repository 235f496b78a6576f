import { ExtendedVersion } from '@startd/base/exver/extended.ts'
import { VersionRange } from '@startd/base/exver/range.ts'
import { elsewhere, lines } from '@startd/base/exver/solve.ts'
import type { Ordering, Version } from '@startd/base/exver/version.ts'

/** What a package is told it will be replaced with: a version or a range of versions. */
export type Target = TargetVersion | TargetRange

/** Anything that prints as a version or range: a package brings a library of its own. */
interface Printable {
  toString(): string
}

/**
 * Reads what `exit` was given. The package's own version library gets the objects between its fingers and
 * looks into them, so they have the shape that it expects (sdk.md §15), over our arithmetic.
 */
export function parseTarget(text: string | null): Target | null {
  if (text === null) return null
  let version: ExtendedVersion
  try {
    version = ExtendedVersion.parse(text)
  } catch {
    return new TargetRange(VersionRange.parse(text).normalize())
  }
  return new TargetVersion(version)
}

const SORT: Record<Ordering, -1 | 0 | 1> = { less: -1, equal: 0, greater: 1 }

/** One half of an extended version, with plain numbers. */
class TargetPart {
  readonly #version: Version
  readonly number: number[]
  readonly prerelease: (number | string)[]

  constructor(version: Version) {
    this.#version = version
    this.number = version.number.map(Number)
    this.prerelease = version.prerelease.map((piece) => (typeof piece === 'bigint' ? Number(piece) : piece))
  }

  compare(other: Printable): Ordering {
    return this.#version.compare(ExtendedVersion.parse(`${other}:0`).upstream)
  }

  compareForSort(other: Printable): -1 | 0 | 1 {
    return SORT[this.compare(other)]
  }

  toString(): string {
    return this.#version.toString()
  }
}

/** A version that a package compares with versions and ranges of its own library. */
class TargetVersion {
  readonly #version: ExtendedVersion
  readonly flavor: string | null
  readonly upstream: TargetPart
  readonly downstream: TargetPart

  constructor(version: ExtendedVersion) {
    this.#version = version
    this.flavor = version.flavor
    this.upstream = new TargetPart(version.upstream)
    this.downstream = new TargetPart(version.downstream)
  }

  compare(other: Printable): Ordering | null {
    return this.#version.compare(ExtendedVersion.parse(other.toString()))
  }

  compareForSort(other: Printable): -1 | 0 | 1 {
    return this.#version.compareForSort(ExtendedVersion.parse(other.toString()))
  }

  equals(other: Printable): boolean {
    return this.compare(other) === 'equal'
  }

  lessThan(other: Printable): boolean {
    return this.compare(other) === 'less'
  }

  lessThanOrEqual(other: Printable): boolean {
    return this.lessThan(other) || this.equals(other)
  }

  greaterThan(other: Printable): boolean {
    return this.compare(other) === 'greater'
  }

  greaterThanOrEqual(other: Printable): boolean {
    return this.greaterThan(other) || this.equals(other)
  }

  satisfies(range: Printable): boolean {
    return this.#version.satisfies(VersionRange.parse(range.toString()))
  }

  toString(): string {
    return this.#version.toString()
  }

  toJSON(): string {
    return this.toString()
  }
}

type Atom =
  | { type: 'Any' | 'None' }
  | { type: 'Flavor'; flavor: string | null }
  | { type: 'Anchor'; operator: string; version: TargetVersion }
  | { type: 'Not'; value: TargetRange }
  | { type: 'And' | 'Or'; left: TargetRange; right: TargetRange }

type FlavorKey =
  { type: 'Flavor'; flavor: string | null } | { type: 'FlavorNot'; flavors: Set<string | null> }

/** Where a range begins and ceases to hold along one flavour: `values` has one more member than `points`. */
interface TruthTable {
  points: { upstream: TargetPart; downstream: TargetPart; side: -1 | 1 }[]
  values: boolean[]
}

/** A range that a package tests its versions against, or intersects with ranges of its own library. */
class TargetRange {
  readonly #range: VersionRange
  readonly atom: Atom

  constructor(range: VersionRange) {
    this.#range = range
    this.atom = atomOf(range)
  }

  satisfiedBy(version: Printable): boolean {
    return this.#range.satisfiedBy(ExtendedVersion.parse(version.toString()))
  }

  satisfiable(): boolean {
    return this.#range.satisfiable()
  }

  intersects(other: Printable): boolean {
    return this.#range.intersects(VersionRange.parse(other.toString()))
  }

  normalize(): TargetRange {
    return new TargetRange(this.#range.normalize())
  }

  /** For each flavour its truth table; a range of another library combines it with its own. */
  tables(): boolean | Map<FlavorKey, TruthTable> {
    const { type } = this.#range.term
    if (type === 'any' || type === 'none') return type === 'any'
    const all = lines(this.#range)
    const tables = new Map<FlavorKey, TruthTable>()
    for (const { flavor, points, slots } of all) {
      const sides = points.flatMap((version) =>
        ([-1, 1] as const).map((side) => ({
          upstream: new TargetPart(version.upstream),
          downstream: new TargetPart(version.downstream),
          side,
        })),
      )
      tables.set({ type: 'Flavor', flavor }, { points: sides, values: [...slots] })
    }
    const flavors = new Set(all.map(({ flavor }) => flavor))
    return tables.set({ type: 'FlavorNot', flavors }, { points: [], values: [elsewhere(this.#range)] })
  }

  toString(): string {
    return this.#range.toString()
  }

  toJSON(): string {
    return this.toString()
  }
}

function atomOf({ term }: VersionRange): Atom {
  switch (term.type) {
    case 'any':
      return { type: 'Any' }
    case 'none':
      return { type: 'None' }
    case 'flavor':
      return { type: 'Flavor', flavor: term.flavor }
    case 'anchor':
      return { type: 'Anchor', operator: term.operator, version: new TargetVersion(term.version) }
    case 'not':
      return { type: 'Not', value: new TargetRange(term.value) }
    case 'and':
    case 'or':
      return {
        type: term.type === 'and' ? 'And' : 'Or',
        left: new TargetRange(term.left),
        right: new TargetRange(term.right),
      }
  }
}
