import { describe, expect, it } from 'vitest'
import { InputSpec, List, Value, Variants } from '../src/index.ts'
import { HostInMemory } from './kit/effects.ts'

const options = { effects: new HostInMemory().effects('form'), prefill: null }
const common = { description: null, warning: null, footnote: null, disabled: false, immutable: false }

async function wire(field: Value<unknown>) {
  const { spec, validator } = await InputSpec.of({ field }).build(options)
  return { spec: spec['field'], accepts: (value: unknown) => validator.safeParse({ field: value }).success }
}

describe('a field on the wire', () => {
  it('text', async () => {
    const { spec, accepts } = await wire(Value.text({ name: 'T', required: true, default: null }))
    expect(spec).toEqual({
      ...common,
      type: 'text',
      name: 'T',
      required: true,
      default: null,
      masked: false,
      placeholder: null,
      minLength: null,
      maxLength: null,
      patterns: [],
      inputmode: 'text',
      generate: null,
    })
    expect([accepts('a'), accepts(''), accepts(null), accepts(1)]).toEqual([true, true, false, false])
  })

  it('text that may be missing is null, not absent', async () => {
    const { accepts } = await wire(Value.text({ name: 'T', required: false, default: null }))
    expect([accepts(null), accepts(undefined)]).toEqual([true, false])
  })

  it('textarea', async () => {
    const { spec } = await wire(Value.textarea({ name: 'A', required: false, default: 'x', minRows: 5 }))
    expect(spec).toMatchObject({ type: 'textarea', minRows: 5, maxRows: 6, patterns: [], default: 'x' })
  })

  it('number', async () => {
    const { spec, accepts } = await wire(
      Value.number({ name: 'N', required: true, default: 5, integer: true, min: 1, units: 'MB' }),
    )
    expect(spec).toEqual({
      ...common,
      type: 'number',
      name: 'N',
      required: true,
      default: 5,
      integer: true,
      min: 1,
      max: null,
      step: null,
      units: 'MB',
      placeholder: null,
    })
    expect([accepts(1.5), accepts('1')]).toEqual([true, false])
  })

  it('toggle, tri-state, colour and time', async () => {
    expect((await wire(Value.toggle({ name: 'X', default: true }))).spec).toEqual({
      ...common,
      type: 'toggle',
      name: 'X',
      default: true,
    })
    const three = await wire(Value.triState({ name: 'X', default: null }))
    expect([three.accepts(null), three.accepts(true), three.accepts('x')]).toEqual([true, true, false])
    expect((await wire(Value.color({ name: 'C', required: true, default: null }))).spec).toMatchObject({
      type: 'color',
    })
    expect((await wire(Value.datetime({ name: 'D', required: true, default: null }))).spec).toMatchObject({
      type: 'datetime',
      inputmode: 'datetime-local',
      min: null,
      max: null,
    })
  })

  it('select takes one of its values, or anything when it has none', async () => {
    const some = await wire(Value.select({ name: 'S', default: 'a', values: { a: 'A', b: 'B' } }))
    expect(some.spec).toEqual({
      ...common,
      type: 'select',
      name: 'S',
      default: 'a',
      values: { a: 'A', b: 'B' },
    })
    expect([some.accepts('b'), some.accepts('c')]).toEqual([true, false])
    const none = await wire(Value.select({ name: 'S', default: '' as never, values: {} }))
    expect(none.accepts('whatever')).toBe(true)
  })

  it('multiselect', async () => {
    const { spec, accepts } = await wire(
      Value.multiselect({ name: 'M', default: ['a'], values: { a: 'A', b: 'B' } }),
    )
    expect(spec).toMatchObject({ type: 'multiselect', default: ['a'], minLength: null, maxLength: null })
    expect([accepts(['a', 'b']), accepts(['c']), accepts([])]).toEqual([true, false, true])
  })

  it('object holds a form of its own', async () => {
    const inner = InputSpec.of({
      port: Value.number({ name: 'P', required: true, default: 1, integer: true }),
    })
    const { spec, accepts } = await wire(Value.object({ name: 'O' }, inner))
    expect(spec).toMatchObject({
      type: 'object',
      name: 'O',
      description: null,
      spec: { port: { type: 'number' } },
    })
    expect([accepts({ port: 1, more: true }), accepts({})]).toEqual([true, false])
  })

  it('union shows one of several forms', async () => {
    const on = InputSpec.of({ at: Value.text({ name: 'At', required: true, default: null }) })
    const variants = Variants.of({
      off: { name: 'Off', spec: InputSpec.of({}) },
      on: { name: 'On', spec: on },
    })
    const { spec, accepts } = await wire(Value.union({ name: 'U', default: 'off', variants }))
    expect(spec).toMatchObject({
      type: 'union',
      default: 'off',
      disabled: false,
      immutable: false,
      variants: { off: { name: 'Off', spec: {} }, on: { name: 'On', spec: { at: { type: 'text' } } } },
    })
    expect(accepts({ selection: 'on', value: { at: 'x' }, other: { off: {} } })).toBe(true)
    expect(accepts({ selection: 'on', value: {} })).toBe(false)
    expect(accepts({ selection: 'else', value: {} })).toBe(false)
  })

  it('list of texts and of objects', async () => {
    const texts = await wire(Value.list(List.text({ name: 'L' }, { masked: true })))
    expect(texts.spec).toEqual({
      type: 'list',
      name: 'L',
      description: null,
      warning: null,
      default: [],
      minLength: null,
      maxLength: null,
      disabled: false,
      spec: {
        type: 'text',
        patterns: [],
        minLength: null,
        maxLength: null,
        masked: true,
        inputmode: 'text',
        generate: null,
        placeholder: null,
      },
    })
    expect([texts.accepts(['a']), texts.accepts([1])]).toEqual([true, false])
    const inner = InputSpec.of({ id: Value.text({ name: 'Id', required: true, default: null }) })
    const objects = await wire(
      Value.list(List.obj({ name: 'L' }, { spec: inner, displayAs: '{{id}}', uniqueBy: 'id' })),
    )
    expect(objects.spec).toMatchObject({
      spec: { type: 'object', displayAs: '{{id}}', uniqueBy: 'id', spec: { id: { type: 'text' } } },
    })
    expect([objects.accepts([{ id: 'a' }]), objects.accepts([{}])]).toEqual([true, false])
  })

  it('hidden carries anything', async () => {
    const { spec, accepts } = await wire(Value.hidden())
    expect(spec).toEqual({ type: 'hidden' })
    expect([accepts({ a: 1 }), accepts(null), accepts(undefined)]).toEqual([true, true, true])
  })

  it('lets keys through that it does not know', async () => {
    const later = { name: 'T', required: true, default: null, fromTheFuture: 1 } as const
    expect((await wire(Value.text(later))).spec).toMatchObject({ fromTheFuture: 1 })
  })
})

describe('a form', () => {
  const inner = InputSpec.of({
    a: Value.text({ name: 'A', description: 'about a', required: true, default: null }),
    b: Value.text({ name: 'B', required: true, default: null }),
  })
  const form = InputSpec.of({
    top: Value.toggle({ name: 'Top', default: false }),
    group: Value.object({ name: 'Group' }, inner),
  })

  it('can be narrowed to some fields', async () => {
    const { spec } = await form.filter({ group: { a: true } }).build(options)
    expect(spec).toMatchObject({ group: { spec: { a: {} } } })
    expect(Object.keys(spec)).toEqual(['group'])
    expect(spec['group'] && 'spec' in spec['group'] && Object.keys(spec['group'].spec)).toEqual(['a'])
  })

  it('can lock some fields, and says why', async () => {
    const { spec } = await form.disable({ group: { a: true } }, 'set elsewhere').build(options)
    expect(spec).toMatchObject({
      top: { disabled: false },
      group: { spec: { a: { disabled: 'set elsewhere' }, b: { disabled: false } } },
    })
  })

  it('gives names and descriptions along a path', async () => {
    expect(await form.namePath(['group', 'a'], options)).toEqual(['Group', 'A'])
    expect(await form.namePath(['nowhere'], options)).toEqual([])
    expect(await form.description(['group', 'a'], options)).toBe('about a')
    expect(await form.description(['nowhere'], options)).toBeNull()
  })

  it('grows by fields', async () => {
    const grown = form.add(({ Value }) => ({ more: Value.toggle({ name: 'More', default: true }) }))
    expect(Object.keys((await grown.build(options)).spec)).toEqual(['top', 'group', 'more'])
  })

  it('checks a part of itself', () => {
    expect(form.partialValidator.safeParse({ group: { a: 'x' } }).success).toBe(true)
    expect(form.partialValidator.safeParse({ group: { a: 1 } }).success).toBe(false)
  })

  it('changes a value after it was checked', async () => {
    const shouted = InputSpec.of({
      a: Value.text({ name: 'A', required: true, default: null }).map((a) => a.toUpperCase()),
    })
    const { validator } = await shouted.build(options)
    expect(validator.parse({ a: 'x' })).toEqual({ a: 'X' })
  })
})
