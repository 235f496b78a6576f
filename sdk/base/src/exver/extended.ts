import { CodedError } from '../errors.ts'
import type { VersionRange } from './range.ts'
import { type Ordering, Version } from './version.ts'

/** `[#flavor:]upstream:downstream`: the application's version and the package's own revision of it. */
export class ExtendedVersion {
  readonly flavor: string | null
  readonly upstream: Version
  readonly downstream: Version

  constructor(flavor: string | null, upstream: Version, downstream: Version) {
    this.flavor = flavor
    this.upstream = upstream
    this.downstream = downstream
  }

  /** Reads an extended version; nothing is trimmed. Throws ParseVersion. */
  static parse(text: string): ExtendedVersion {
    let rest = text
    let flavor: string | null = null
    if (text.startsWith('#') && text.includes(':')) {
      const end = text.indexOf(':')
      flavor = text.slice(1, end)
      rest = text.slice(end + 1)
      if (!/^[a-z]*$/.test(flavor)) throw malformed(text)
    }
    const colon = rest.indexOf(':')
    if (colon < 0) throw malformed(text)
    return new ExtendedVersion(
      flavor,
      Version.parse(rest.slice(0, colon)),
      Version.parse(rest.slice(colon + 1)),
    )
  }

  /** Null when the flavours differ: such versions have no order. */
  compare(other: ExtendedVersion): Ordering | null {
    if (this.flavor !== other.flavor) return null
    const upstream = this.upstream.compare(other.upstream)
    return upstream === 'equal' ? this.downstream.compare(other.downstream) : upstream
  }

  /** A total order for lists: unflavoured above every flavour, else flavours by name. */
  compareForSort(other: ExtendedVersion): -1 | 0 | 1 {
    const order = this.compare(other) ?? compareFlavors(this.flavor, other.flavor)
    return order === 'less' ? -1 : order === 'greater' ? 1 : 0
  }

  equals(other: ExtendedVersion): boolean {
    return this.compare(other) === 'equal'
  }

  lessThan(other: ExtendedVersion): boolean {
    return this.compare(other) === 'less'
  }

  greaterThan(other: ExtendedVersion): boolean {
    return this.compare(other) === 'greater'
  }

  satisfies(range: VersionRange): boolean {
    return range.satisfiedBy(this)
  }

  toString(): string {
    const prefix = this.flavor === null ? '' : `#${this.flavor}:`
    return `${prefix}${this.upstream}:${this.downstream}`
  }

  toJSON(): string {
    return this.toString()
  }
}

function compareFlavors(a: string | null, b: string | null): Ordering {
  if (a === null || b === null) return a === b ? 'equal' : a === null ? 'greater' : 'less'
  return a < b ? 'less' : a > b ? 'greater' : 'equal'
}

function malformed(text: string): CodedError {
  const shown = text.slice(0, 100)
  return new CodedError(
    'ParseVersion',
    `“${shown}” is not a package version; write it like 1.2.3:0 or #flavor:1.2.3:0`,
  )
}
