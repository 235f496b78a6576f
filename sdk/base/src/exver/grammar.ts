import type { Operator } from './range.ts'

/** A range as it was written, before versions are converted and operators simplified (s9pk.md §12.3). */
export type Syntax =
  | { type: 'any' | 'none' }
  | { type: 'flavor'; flavor: string | null }
  | {
      type: 'anchor'
      operator: Operator | '^' | '~'
      flavor: string | null
      upstream: string
      downstream: string
    }
  | { type: 'not'; value: Syntax }
  | { type: 'and' | 'or'; left: Syntax; right: Syntax }

interface Match {
  value: Syntax
  end: number
}

const OPERATOR = /(?:>=|<=|!=|=|<|>|\^|~)?/y
const VERSION = '(?:0|[1-9][0-9]*)(?:\\.(?:0|[1-9][0-9]*))*(?:-[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?'
const SPEC = new RegExp(`(?:#([a-z]*):)?(${VERSION})(?::(${VERSION}))?`, 'y')
const FLAVOR = /#([a-z]*)/y
const BLANKS = / */y

/** Deeper nesting than any person writes; keeps hostile input from exhausting the stack. */
const MAX_DEPTH = 200

/** The longest prefix of `text` that is a range, or null. A parsing expression grammar: first alternative wins. */
export function readRange(text: string): Match | null {
  // An unclosed parenthesis is read again as a later atom, so results are kept by position.
  const atoms = new Map<number, Match | null>()
  return range(0, 0)

  function range(start: number, depth: number): Match | null {
    const first = atom(start, depth)
    if (!first) return null
    let { value, end } = first
    let alternatives = false
    for (;;) {
      const at = skipBlanks(end)
      const sign = text.startsWith('||', at) ? 'or' : text.startsWith('&&', at) ? 'and' : null
      const next = atom(sign ? skipBlanks(at + 2) : at, depth)
      if (!next) return { value, end }
      if (sign === 'or') alternatives = true
      value = { type: sign ?? (alternatives ? 'or' : 'and'), left: value, right: next.value }
      end = next.end
    }
  }

  function atom(start: number, depth: number): Match | null {
    const known = atoms.get(start)
    if (known !== undefined) return known
    const match = depth > MAX_DEPTH ? null : (group(start, depth) ?? anchor(start) ?? mark(start, depth))
    atoms.set(start, match)
    return match
  }

  function group(start: number, depth: number): Match | null {
    if (text[start] !== '(') return null
    const inner = range(skipBlanks(start + 1), depth + 1)
    if (!inner) return null
    const close = skipBlanks(inner.end)
    return text[close] === ')' ? { value: inner.value, end: close + 1 } : null
  }

  function anchor(start: number): Match | null {
    const operator = match(OPERATOR, start)?.[0] ?? ''
    const spec = match(SPEC, skipBlanks(start + operator.length))
    if (!spec) return null
    const [whole, flavor, upstream, downstream = '0'] = spec
    return {
      value: {
        type: 'anchor',
        operator: (operator || '^') as Operator | '^' | '~',
        flavor: flavor || null,
        upstream: upstream ?? '',
        downstream,
      },
      end: spec.index + whole.length,
    }
  }

  function mark(start: number, depth: number): Match | null {
    switch (text[start]) {
      case '!': {
        const inner = atom(skipBlanks(start + 1), depth + 1)
        return inner
          ? { value: { type: 'not', value: inner.value }, end: inner.end }
          : { value: { type: 'none' }, end: start + 1 }
      }
      case '*':
        return { value: { type: 'any' }, end: start + 1 }
      case '#': {
        const flavor = match(FLAVOR, start)?.[1] ?? ''
        return { value: { type: 'flavor', flavor: flavor || null }, end: start + 1 + flavor.length }
      }
      default:
        return null
    }
  }

  function match(pattern: RegExp, at: number): RegExpExecArray | null {
    pattern.lastIndex = at
    return pattern.exec(text)
  }

  function skipBlanks(at: number): number {
    return at + (match(BLANKS, at)?.[0].length ?? 0)
  }
}
