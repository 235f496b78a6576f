import type { InputSpec as WireSpec, ValueSpec } from '@startd/base/input-spec.ts'
import { z } from 'zod'
import type { DeepPartial } from '../values/deep.ts'
import { isPlainObject } from '../values/deep.ts'
import { deepPartial } from '../zod.ts'
import { Field, type LazyBuildOptions } from './field.ts'
import { List } from './list.ts'
import { Value } from './value.ts'
import { Variants } from './variants.ts'

export type Fields = Record<string, Field<unknown, unknown>>
type TypeOf<F extends Fields> = { [K in keyof F & string]: F[K]['_TYPE'] }
type StaticOf<F extends Fields> = {
  [K in keyof F & string]: F[K] extends Field<unknown, infer Static> ? Static : never
}

/** Which fields: `true`, or a selection among the fields of an object field. */
export type KeySelection = { [key: string]: boolean | KeySelection | undefined }

const TOOLS = { Value, List, Variants }
type Tools = typeof TOOLS & { InputSpec: typeof InputSpec }

/** A form: its fields in the order in which they are shown. */
export class InputSpec<Type extends object = object, Static extends object = Type, Outer = unknown> {
  declare readonly _TYPE: Type
  declare readonly _PARTIAL: DeepPartial<Type>
  readonly fields: Fields
  /** What holds for the values whatever dynamic fields turn out to be. */
  readonly validator: z.ZodType<Static>

  constructor(fields: Fields) {
    this.fields = fields
    const shape = Object.fromEntries(Object.entries(fields).map(([key, field]) => [key, field.validator]))
    this.validator = z.looseObject(shape) as unknown as z.ZodType<Static>
  }

  static of<F extends Fields>(fields: F): InputSpec<TypeOf<F>, StaticOf<F>> {
    return new InputSpec<TypeOf<F>, StaticOf<F>>(fields)
  }

  get partialValidator(): z.ZodType<DeepPartial<Static>> {
    return deepPartial(this.validator) as unknown as z.ZodType<DeepPartial<Static>>
  }

  /** A form with more fields at the end. */
  add<F extends Fields>(
    more: F | ((tools: Tools) => F),
  ): InputSpec<Type & TypeOf<F>, Static & StaticOf<F>, Outer> {
    const added = typeof more === 'function' ? more({ ...TOOLS, InputSpec }) : more
    return new InputSpec<Type & TypeOf<F>, Static & StaticOf<F>, Outer>({ ...this.fields, ...added })
  }

  /** Makes the form as it is sent, and the check of what comes back. */
  async build(options: LazyBuildOptions<Outer>): Promise<{ spec: WireSpec; validator: z.ZodType<Type> }> {
    const spec: WireSpec = {}
    const shape: Record<string, z.ZodType> = {}
    for (const [key, field] of Object.entries(this.fields)) {
      const built = await field.build(options as LazyBuildOptions)
      spec[key] = built.spec
      shape[key] = built.validator
    }
    return { spec, validator: z.looseObject(shape) as unknown as z.ZodType<Type> }
  }

  /** The form with only the chosen fields; fields not named stay when `keepByDefault` is set. */
  filter(keys: KeySelection, keepByDefault = false): InputSpec {
    const kept = Object.entries(this.fields).flatMap(([key, field]): [string, Field<unknown, unknown>][] => {
      const choice = keys[key] ?? keepByDefault
      if (choice === true) return [[key, field]]
      if (choice === false) return []
      return [[key, field.inner ? within(field, field.inner.filter(choice, keepByDefault)) : field]]
    })
    return new InputSpec(Object.fromEntries(kept))
  }

  /** The form in which the chosen fields cannot be changed, and why. */
  disable(keys: KeySelection | 'all', reason: string): InputSpec {
    const changed = Object.entries(this.fields).map(([key, field]): [string, Field<unknown, unknown>] => {
      const choice = keys === 'all' ? true : keys[key]
      if (!choice) return [key, field]
      if (field.inner)
        return [key, within(field, field.inner.disable(choice === true ? 'all' : choice, reason))]
      return [key, field.withDisabled(reason)]
    })
    return new InputSpec(Object.fromEntries(changed))
  }

  filterFromPartial(partial: object): InputSpec {
    return this.filter(presence(partial))
  }

  disableFromPartial(partial: object, reason: string): InputSpec {
    return this.disable(presence(partial), reason)
  }

  /** The names shown along a path of keys; empty where the path leads nowhere. */
  async namePath(path: readonly string[], options: LazyBuildOptions<Outer>): Promise<string[]> {
    const found = walk((await this.build(options)).spec, path)
    return found?.map((spec) => ('name' in spec ? spec.name : '')) ?? []
  }

  /** The description of the field at a path of keys. */
  async description(path: readonly string[], options: LazyBuildOptions<Outer>): Promise<string | null> {
    const last = walk((await this.build(options)).spec, path)?.at(-1)
    return last && 'description' in last ? last.description : null
  }
}

/** An object field with other fields inside. */
function within(field: Field<unknown, unknown>, inner: InputSpec): Field<unknown, unknown> {
  return new Field<unknown, unknown>(
    async (options) => {
      const { spec } = await field.build(options)
      const built = await inner.build(options)
      return { spec: { ...spec, spec: built.spec } as ValueSpec, validator: built.validator }
    },
    inner.validator,
    inner,
  )
}

function presence(partial: object): KeySelection {
  return Object.fromEntries(
    Object.entries(partial).map(([key, value]) => [key, isPlainObject(value) ? presence(value) : true]),
  )
}

function walk(spec: WireSpec, path: readonly string[]): ValueSpec[] | null {
  const [key, ...rest] = path
  if (key === undefined) return []
  const field = spec[key]
  if (!field) return null
  if (rest.length === 0) return [field]
  const deeper = field.type === 'object' ? walk(field.spec, rest) : null
  return deeper && [field, ...deeper]
}
