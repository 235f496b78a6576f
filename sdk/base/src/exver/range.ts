import { CodedError } from '../errors.ts'
import { ExtendedVersion } from './extended.ts'
import { type Syntax, readRange } from './grammar.ts'
import { normalForm, someVersion } from './solve.ts'
import { U64_MAX, Version } from './version.ts'

export type Operator = '=' | '!=' | '<' | '<=' | '>' | '>='

export type RangeTerm =
  | { readonly type: 'any' | 'none' }
  | { readonly type: 'flavor'; readonly flavor: string | null }
  | { readonly type: 'anchor'; readonly operator: Operator; readonly version: ExtendedVersion }
  | { readonly type: 'not'; readonly value: VersionRange }
  | { readonly type: 'and' | 'or'; readonly left: VersionRange; readonly right: VersionRange }

const MAX_TEXT = 16_384

/** A set of extended versions (s9pk.md §12.3…12.5). Immutable; the combinators simplify as they build. */
export class VersionRange {
  static readonly #any = new VersionRange({ type: 'any' })
  static readonly #none = new VersionRange({ type: 'none' })

  readonly term: RangeTerm

  private constructor(term: RangeTerm) {
    this.term = term
  }

  static any(): VersionRange {
    return VersionRange.#any
  }

  static none(): VersionRange {
    return VersionRange.#none
  }

  /** Exactly the versions of one flavour; null means those without a flavour. */
  static flavor(flavor: string | null): VersionRange {
    return new VersionRange({ type: 'flavor', flavor })
  }

  static anchor(operator: Operator | '^' | '~', version: ExtendedVersion): VersionRange {
    if (operator !== '^' && operator !== '~') return new VersionRange({ type: 'anchor', operator, version })
    const below = operator === '^' ? caretBound(version) : tildeBound(version)
    const from = VersionRange.anchor('>=', version)
    return below ? from.and(VersionRange.anchor('<', below)) : from
  }

  /**
   * Reads a range. Like the reference, the longest readable prefix counts and the rest is ignored;
   * `{ whole: true }` refuses a rest and is meant for what a person types. Throws ParseVersion.
   */
  static parse(text: string, options: { whole?: boolean } = {}): VersionRange {
    const match = text.length > MAX_TEXT ? null : readRange(text)
    if (!match || (options.whole && match.end !== text.length)) {
      throw new CodedError(
        'ParseVersion',
        `“${text.slice(0, 100)}” is not a version range; write it like >=1.2:0 && <2:0`,
      )
    }
    return build(match.value)
  }

  and(other: VersionRange): VersionRange {
    if (this.term.type === 'any' || other.term.type === 'none') return other
    if (other.term.type === 'any' || this.term.type === 'none') return this
    return new VersionRange({ type: 'and', left: this, right: other })
  }

  or(other: VersionRange): VersionRange {
    if (this.term.type === 'none' || other.term.type === 'any') return other
    if (other.term.type === 'none' || this.term.type === 'any') return this
    return new VersionRange({ type: 'or', left: this, right: other })
  }

  not(): VersionRange {
    const term = this.term
    switch (term.type) {
      case 'any':
        return VersionRange.#none
      case 'none':
        return VersionRange.#any
      case 'not':
        return term.value
      case 'and':
        return term.left.not().or(term.right.not())
      case 'or':
        return term.left.not().and(term.right.not())
      case 'anchor':
        if (term.operator === '=') return VersionRange.anchor('!=', term.version)
        if (term.operator === '!=') return VersionRange.anchor('=', term.version)
        return new VersionRange({ type: 'not', value: this })
      case 'flavor':
        return new VersionRange({ type: 'not', value: this })
    }
  }

  satisfiedBy(version: ExtendedVersion | Version): boolean {
    const tested = version instanceof Version ? version.extended() : version
    const term = this.term
    switch (term.type) {
      case 'any':
        return true
      case 'none':
        return false
      case 'not':
        return !term.value.satisfiedBy(tested)
      case 'and':
        return term.left.satisfiedBy(tested) && term.right.satisfiedBy(tested)
      case 'or':
        return term.left.satisfiedBy(tested) || term.right.satisfiedBy(tested)
      case 'flavor':
        return term.flavor === tested.flavor
      case 'anchor': {
        const order = tested.compare(term.version)
        return order === null ? term.operator === '!=' : holds(term.operator, order)
      }
    }
  }

  /** Whether any version at all can satisfy this range. */
  satisfiable(): boolean {
    return someVersion(this)
  }

  intersects(other: VersionRange): boolean {
    return this.and(other).satisfiable()
  }

  /** Whether both ranges hold the same versions, however they are written. */
  equals(other: VersionRange): boolean {
    return !this.and(other.not()).satisfiable() && !other.and(this.not()).satisfiable()
  }

  /** The same versions as a flat list of intervals. */
  normalize(): VersionRange {
    return normalForm(this)
  }

  toString(): string {
    const term = this.term
    switch (term.type) {
      case 'any':
        return '*'
      case 'none':
        return '!'
      case 'flavor':
        return `#${term.flavor ?? ''}`
      case 'anchor':
        return `${term.operator}${term.version}`
      case 'not':
        return `!${child(term.value)}`
      case 'and':
        return `${child(term.left)} ${child(term.right)}`
      case 'or':
        return `${child(term.left)} || ${child(term.right)}`
    }
  }

  toJSON(): string {
    return this.toString()
  }
}

function child(range: VersionRange): string {
  const flat = range.term.type === 'anchor' || range.term.type === 'any' || range.term.type === 'none'
  return flat ? range.toString() : `(${range})`
}

/** Whether `version operator anchor` is true when comparing them gave `order`. */
export function holds(operator: Operator, order: 'less' | 'equal' | 'greater'): boolean {
  switch (operator) {
    case '=':
      return order === 'equal'
    case '!=':
      return order !== 'equal'
    case '<':
      return order === 'less'
    case '<=':
      return order !== 'greater'
    case '>':
      return order === 'greater'
    case '>=':
      return order !== 'less'
  }
}

function build(syntax: Syntax): VersionRange {
  switch (syntax.type) {
    case 'any':
      return VersionRange.any()
    case 'none':
      return VersionRange.none()
    case 'flavor':
      return VersionRange.flavor(syntax.flavor)
    case 'not':
      return build(syntax.value).not()
    case 'and':
      return build(syntax.left).and(build(syntax.right))
    case 'or':
      return build(syntax.left).or(build(syntax.right))
    case 'anchor': {
      const version = new ExtendedVersion(
        syntax.flavor,
        Version.parse(syntax.upstream),
        Version.parse(syntax.downstream),
      )
      return VersionRange.anchor(syntax.operator, version)
    }
  }
}

/** `^`: up to the next value of the first piece that is not zero. */
function caretBound(version: ExtendedVersion): ExtendedVersion | null {
  const { pieces, first } = significant(version)
  return boundAfter(version, pieces.slice(0, first + 1))
}

/** `~`: up to the next value of the piece after the first that is not zero. */
function tildeBound(version: ExtendedVersion): ExtendedVersion | null {
  const { pieces, first } = significant(version)
  return boundAfter(version, [...pieces.slice(0, first + 1), pieces[first + 1] ?? 0n])
}

function significant(version: ExtendedVersion): { pieces: bigint[]; first: number } {
  const last = version.upstream.number.findLastIndex((piece) => piece !== 0n)
  const pieces = version.upstream.number.slice(0, Math.max(last, 0) + 1)
  const first = pieces.findIndex((piece) => piece !== 0n)
  return { pieces, first: first < 0 ? pieces.length - 1 : first }
}

/** The first version with other pieces than these; null where the largest number has no next one. */
function boundAfter(
  { flavor, upstream }: ExtendedVersion,
  pieces: readonly bigint[],
): ExtendedVersion | null {
  const last = pieces.findLastIndex((piece) => piece < U64_MAX)
  if (last < 0) return null
  const number = [...pieces.slice(0, last), pieces[last]! + 1n]
  return new ExtendedVersion(flavor, new Version(number, upstream.prerelease), new Version([0n]))
}
