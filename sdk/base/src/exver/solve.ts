import type { ExtendedVersion } from './extended.ts'
import { VersionRange, holds } from './range.ts'

/**
 * One flavour's line of versions, cut at every version that the range names. Slot 2i+1 is the point
 * `points[i]`; even slots are the gaps around the points, taken as never empty.
 */
export interface Line {
  flavor: string | null
  points: ExtendedVersion[]
  slots: boolean[]
}

/** Whether the range holds for at least one version (s9pk.md §12.5). */
export function someVersion(range: VersionRange): boolean {
  return elsewhere(range) || lines(range).some((line) => line.slots.includes(true))
}

/** The same set as intervals per flavour, joined by `||`. */
export function normalForm(range: VersionRange): VersionRange {
  const cut = lines(range)
  const other = elsewhere(range)
  const kept = cut.filter((line) => !other || line.slots.includes(false))
  let result = VersionRange.none()
  if (other) {
    result = kept.reduce((all, line) => all.and(VersionRange.flavor(line.flavor).not()), VersionRange.any())
  }
  return kept.flatMap(intervals).reduce((all, interval) => all.or(interval), result)
}

/** The lines of every flavour that the range names, and of versions without one. */
export function lines(range: VersionRange): Line[] {
  const named = new Map<string | null, ExtendedVersion[]>([[null, []]])
  collect(range, named)
  return [...named].map(([flavor, versions]) => {
    const sorted = versions.toSorted((a, b) => a.compareForSort(b))
    const points = sorted.filter((version, i) => i === 0 || !version.equals(sorted[i - 1]!))
    const slots = Array.from({ length: points.length * 2 + 1 }, (_, slot) =>
      holdsAt(range, { flavor, points }, slot),
    )
    return { flavor, points, slots }
  })
}

function collect(range: VersionRange, named: Map<string | null, ExtendedVersion[]>): void {
  const term = range.term
  if (term.type === 'not') collect(term.value, named)
  else if (term.type === 'and' || term.type === 'or') {
    collect(term.left, named)
    collect(term.right, named)
  } else if (term.type === 'flavor') named.set(term.flavor, named.get(term.flavor) ?? [])
  else if (term.type === 'anchor') {
    const flavor = term.version.flavor
    named.set(flavor, [...(named.get(flavor) ?? []), term.version])
  }
}

function holdsAt(range: VersionRange, line: Pick<Line, 'flavor' | 'points'>, slot: number): boolean {
  return evaluate(range, {
    flavor: (flavor) => flavor === line.flavor,
    anchor: (operator, version) => {
      if (version.flavor !== line.flavor) return operator === '!='
      const at = line.points.findIndex((point) => point.equals(version)) * 2 + 1
      return holds(operator, slot < at ? 'less' : slot > at ? 'greater' : 'equal')
    },
  })
}

/** The answer for every flavour that the range does not name. */
export function elsewhere(range: VersionRange): boolean {
  return evaluate(range, { flavor: () => false, anchor: (operator) => operator === '!=' })
}

interface Leaves {
  flavor: (flavor: string | null) => boolean
  anchor: (operator: Parameters<typeof holds>[0], version: ExtendedVersion) => boolean
}

function evaluate(range: VersionRange, leaves: Leaves): boolean {
  const term = range.term
  switch (term.type) {
    case 'any':
      return true
    case 'none':
      return false
    case 'flavor':
      return leaves.flavor(term.flavor)
    case 'anchor':
      return leaves.anchor(term.operator, term.version)
    case 'not':
      return !evaluate(term.value, leaves)
    case 'and':
      return evaluate(term.left, leaves) && evaluate(term.right, leaves)
    case 'or':
      return evaluate(term.left, leaves) || evaluate(term.right, leaves)
  }
}

function intervals(line: Line): VersionRange[] {
  const found: VersionRange[] = []
  for (let start = line.slots.indexOf(true); start >= 0;) {
    const end = line.slots.indexOf(false, start)
    found.push(interval(line, start, (end < 0 ? line.slots.length : end) - 1))
    start = end < 0 ? -1 : line.slots.indexOf(true, end)
  }
  return found
}

/** The slots `first` to `last`, both included. */
function interval({ flavor, points, slots }: Line, first: number, last: number): VersionRange {
  if (first === last && first % 2 === 1) return VersionRange.anchor('=', points[(first - 1) / 2]!)
  const lower =
    first === 0
      ? VersionRange.any()
      : VersionRange.anchor(first % 2 === 1 ? '>=' : '>', points[Math.ceil(first / 2) - 1]!)
  const upper =
    last === slots.length - 1
      ? VersionRange.any()
      : VersionRange.anchor(last % 2 === 1 ? '<=' : '<', points[Math.floor(last / 2)]!)
  const both = lower.and(upper)
  return both.term.type === 'any' ? VersionRange.flavor(flavor) : both
}
