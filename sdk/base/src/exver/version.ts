import { CodedError } from '../errors.ts'
import { ExtendedVersion } from './extended.ts'
import type { VersionRange } from './range.ts'

export type Ordering = 'less' | 'equal' | 'greater'

/** Largest number in a version. */
export const U64_MAX = 0xffff_ffff_ffff_ffffn

/** A dotted number with optional prerelease: `1.2.3-beta.1`. Pieces are unsigned 64-bit. */
export class Version {
  readonly number: readonly bigint[]
  readonly prerelease: readonly (bigint | string)[]

  constructor(number: readonly (bigint | number)[], prerelease: readonly (bigint | number | string)[] = []) {
    this.number = number.map(BigInt)
    this.prerelease = prerelease.map((piece) => (typeof piece === 'number' ? BigInt(piece) : piece))
  }

  /** Reads a version. Leading zeros and `+` of a number are accepted and not kept. Throws ParseVersion. */
  static parse(text: string): Version {
    const dash = text.indexOf('-')
    const left = dash < 0 ? text : text.slice(0, dash)
    const number = left.split('.').map((piece) => {
      if (!/^\+?[0-9]+$/.test(piece)) throw notAVersion(text)
      return u64(piece.replace('+', ''), text)
    })
    const prerelease =
      dash < 0
        ? []
        : text
            .slice(dash + 1)
            .split('.')
            .map((piece) => prereleasePiece(piece, text))
    return new Version(number, prerelease)
  }

  /** Missing numbers count as 0; a version with a prerelease comes before the same without. */
  compare(other: Version): Ordering {
    const length = Math.max(this.number.length, other.number.length)
    for (let i = 0; i < length; i++) {
      const order = ordering(this.number[i] ?? 0n, other.number[i] ?? 0n)
      if (order !== 'equal') return order
    }
    return comparePrerelease(this.prerelease, other.prerelease)
  }

  /** Tested as an unflavoured extended version with downstream 0. */
  satisfies(range: VersionRange): boolean {
    return range.satisfiedBy(this.extended())
  }

  extended(): ExtendedVersion {
    return new ExtendedVersion(null, this, new Version([0n]))
  }

  toString(): string {
    const number = this.number.join('.')
    return this.prerelease.length === 0 ? number : `${number}-${this.prerelease.join('.')}`
  }

  toJSON(): string {
    return this.toString()
  }
}

export function notAVersion(text: string): CodedError {
  return new CodedError(
    'ParseVersion',
    `“${text.slice(0, 100)}” is not a version; write it like 1.2.3 or 1.2.3-beta.1`,
  )
}

function u64(digits: string, text: string): bigint {
  const value = BigInt(digits)
  if (value > U64_MAX) throw notAVersion(text)
  return value
}

function prereleasePiece(piece: string, text: string): bigint | string {
  if (/^[0-9]+$/.test(piece)) {
    if (piece.length > 1 && piece.startsWith('0')) throw notAVersion(text)
    return u64(piece, text)
  }
  if (!/^[0-9A-Za-z-]+$/.test(piece)) throw notAVersion(text)
  return piece
}

function ordering<T extends bigint | string>(a: T, b: T): Ordering {
  return a < b ? 'less' : a > b ? 'greater' : 'equal'
}

function comparePrerelease(a: readonly (bigint | string)[], b: readonly (bigint | string)[]): Ordering {
  if (a.length === 0 || b.length === 0)
    return a.length === b.length ? 'equal' : a.length === 0 ? 'greater' : 'less'
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const order = comparePiece(a[i]!, b[i]!)
    if (order !== 'equal') return order
  }
  return ordering(BigInt(a.length), BigInt(b.length))
}

function comparePiece(a: bigint | string, b: bigint | string): Ordering {
  if (typeof a === 'bigint') return typeof b === 'bigint' ? ordering(a, b) : 'less'
  // Pieces are ASCII, so code units sort as bytes do.
  return typeof b === 'bigint' ? 'greater' : ordering(a, b)
}
