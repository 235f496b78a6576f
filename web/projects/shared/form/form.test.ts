import { describe, expect, it } from 'vitest'
import { EN } from '../i18n/en.ts'
import { expand, randomText } from './random-text.ts'
import type { FieldSpec, InputSpec, UnionSpec } from './spec.ts'
import { validate } from './validate.ts'
import { chooseVariant, initialValues, valueAt, withValue } from './values.ts'

const text = EN.form
const problemsOf = (spec: InputSpec, value: unknown) => Object.fromEntries(validate(spec, value, text))
const only = (field: object, value: unknown) =>
  problemsOf({ it: { name: 'It', default: null, required: false, ...field } as FieldSpec }, { it: value })[
    'it'
  ]

const UNION: UnionSpec = {
  type: 'union',
  name: 'Kind',
  default: 'off',
  variants: {
    off: { name: 'Off', spec: {} },
    mail: {
      name: 'Mail',
      spec: { host: { type: 'text', name: 'Host', required: true, default: null } },
    },
  },
}

describe('a form starts with', () => {
  it('what is stored, also null, and the default elsewhere', () => {
    const spec: InputSpec = {
      a: { type: 'text', name: 'A', required: false, default: 'x' },
      b: { type: 'number', name: 'B', required: true, default: 0 },
      c: { type: 'toggle', name: 'C', default: true },
      d: { type: 'hidden' },
      e: { type: 'triState', name: 'E', default: null },
    }
    expect(initialValues(spec, { a: null, d: { deep: 1 } })).toEqual({
      a: null,
      b: 0,
      c: true,
      d: { deep: 1 },
      e: null,
    })
  })

  it('random text where the package wants it', () => {
    const spec: InputSpec = {
      secret: { type: 'text', name: 'S', required: true, default: { charset: 'a-f,0-9', len: 20 } },
    }
    expect(initialValues(spec, null)['secret']).toMatch(/^[a-f0-9]{20}$/)
  })

  it('nested groups, chosen variants and enough list entries', () => {
    const spec: InputSpec = {
      group: { type: 'object', name: 'G', spec: { on: { type: 'toggle', name: 'On', default: false } } },
      union: UNION,
      list: { type: 'list', name: 'L', default: [], minLength: 2, spec: { type: 'text' } },
    }
    expect(initialValues(spec, undefined)).toEqual({
      group: { on: false },
      union: { selection: 'off', value: {} },
      list: ['', ''],
    })
  })
})

describe('a union', () => {
  it('remembers what was typed in a variant that is left', () => {
    const mail = { selection: 'mail', value: { host: 'mx.example.com' } }
    const off = chooseVariant(UNION, mail, 'off')
    expect(off).toEqual({ selection: 'off', value: {}, other: { mail: { host: 'mx.example.com' } } })
    expect(chooseVariant(UNION, off, 'mail').value).toEqual({ host: 'mx.example.com' })
  })
})

describe('a value', () => {
  it('changes along its path and nowhere else', () => {
    const before = { list: [{ a: 1 }, { a: 2 }], other: {} }
    const after = withValue(before, ['list', 1, 'a'], 3) as typeof before
    expect(valueAt(after, ['list', 1, 'a'])).toBe(3)
    expect(after.list[0]).toBe(before.list[0])
    expect(after.other).toBe(before.other)
    expect(before.list[1]?.a).toBe(2)
  })
})

describe('a form complains about', () => {
  it('a missing text that is needed, and only then', () => {
    expect(only({ type: 'text', required: true }, null)).toBe(text.required)
    expect(only({ type: 'text' }, null)).toBeUndefined()
  })

  it('length and pattern, in the package’s own words', () => {
    const patterns = [{ regex: '^\\p{Lu}', description: 'Begin with a capital letter.' }]
    expect(only({ type: 'text', minLength: 3 }, 'ab')).toBe(text.tooShort(3))
    expect(only({ type: 'textarea', maxLength: 3 }, 'abcd')).toBe(text.tooLong(3))
    expect(only({ type: 'text', patterns }, 'élan')).toBe('Begin with a capital letter.')
    expect(only({ type: 'text', patterns }, 'Élan')).toBeUndefined()
    expect(only({ type: 'text', patterns: [{ regex: '(', description: '' }] }, 'x')).toBeUndefined()
  })

  it('numbers out of bounds, with zero as a bound', () => {
    expect(only({ type: 'number', min: 0 }, -1)).toBe(text.min(0))
    expect(only({ type: 'number', max: 0 }, 1)).toBe(text.max(0))
    expect(only({ type: 'number', min: 0, max: 0 }, 0)).toBeUndefined()
    expect(only({ type: 'number', integer: true }, 1.5)).toBe(text.integer)
    expect(only({ type: 'number', step: 0.1 }, 0.3)).toBeUndefined()
    expect(only({ type: 'number', step: 5, min: 1 }, 7)).toBe(text.step(5))
    expect(only({ type: 'number' }, Number.NaN)).toBe(text.number)
  })

  it('colours, dates, and choices that are not there', () => {
    expect(only({ type: 'color' }, 'red')).toBe(text.color)
    expect(only({ type: 'datetime', min: '2026-01-01' }, '2025-12-31')).toBe(text.earlier('2026-01-01'))
    expect(only({ type: 'select', values: { a: 'A' } }, 'b')).toBe(text.choose)
    expect(only({ type: 'select', values: {} }, 'anything')).toBeUndefined()
    expect(only({ type: 'multiselect', values: { a: 'A' }, minLength: 1 }, [])).toBe(text.chooseMin(1))
    expect(only({ type: 'file', required: true, extensions: [] }, null)).toBe(text.file)
  })

  it('what lies inside groups, variants and lists, at its own place', () => {
    const spec: InputSpec = {
      union: UNION,
      list: {
        type: 'list',
        name: 'L',
        default: [],
        maxLength: 1,
        spec: {
          type: 'object',
          uniqueBy: 'name',
          spec: { name: { type: 'text', name: 'N', required: true, default: null } },
        },
      },
    }
    const value = {
      union: { selection: 'mail', value: { host: null } },
      list: [{ name: 'a' }, { name: 'a' }, { name: null }],
    }
    expect(problemsOf(spec, value)).toEqual({
      'union/value/host': text.required,
      list: text.listMax(1),
      'list/1': text.unique,
      'list/2/name': text.required,
    })
  })

  it('nothing in a field that cannot be used', () => {
    expect(only({ type: 'text', required: true, disabled: 'Not now' }, null)).toBeUndefined()
  })

  it('repeats by any or all of several keys', () => {
    const list = (uniqueBy: object) => ({
      type: 'list',
      spec: { type: 'object', spec: {}, uniqueBy },
    })
    const items = [
      { a: 1, b: 1 },
      { a: 1, b: 2 },
    ]
    const problems = (uniqueBy: object) =>
      problemsOf({ it: { name: 'L', default: [], ...list(uniqueBy) } as FieldSpec }, { it: items })
    expect(problems({ any: ['a', 'b'] })).toEqual({ 'it/1': text.unique })
    expect(problems({ all: ['a', 'b'] })).toEqual({})
  })
})

describe('random text', () => {
  it('reads ranges, single characters and punctuation', () => {
    expect(expand('a-c,X').join('')).toBe('abcX')
    expect(expand('0-2,-').join('')).toBe('012-')
  })

  it('has the asked length', () => {
    expect(randomText({ charset: 'a-z,A-Z,0-9', len: 64 })).toMatch(/^[a-zA-Z0-9]{64}$/)
  })
})
