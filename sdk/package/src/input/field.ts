import type { ValueSpec } from '@startd/base/input-spec.ts'
import type { z } from 'zod'
import type { Effects } from '../effects.ts'
import type { DeepPartial } from '../values/deep.ts'
import type { InputSpec } from './input-spec.ts'

/** What a field may look at while a form is being made: the form as it is so far. */
export interface LazyBuildOptions<Outer = unknown> {
  effects: Effects
  prefill: DeepPartial<Outer> | null
}
export type LazyBuild<T, Outer = unknown> = (options: LazyBuildOptions<Outer>) => Promise<T> | T

export interface Built<Type> {
  spec: ValueSpec
  validator: z.ZodType<Type>
}

/** One field of a form: how it is shown, and what its value must be. */
export class Field<Type, Static = Type, Outer = unknown> {
  declare readonly _TYPE: Type
  declare readonly _PARTIAL: DeepPartial<Type>
  readonly build: LazyBuild<Built<Type>, Outer>
  /** What holds for the value whatever a dynamic field turns out to be. */
  readonly validator: z.ZodType<Static>
  /** The fields inside an object field. */
  readonly inner: InputSpec | null

  constructor(
    build: LazyBuild<Built<Type>, Outer>,
    validator: z.ZodType<Static>,
    inner: InputSpec | null = null,
  ) {
    this.build = build
    this.validator = validator
    this.inner = inner
  }

  /** The same field; its value is changed after it was checked. */
  map<Mapped>(change: (value: Type) => Mapped): Field<Mapped, Mapped, Outer> {
    const build: LazyBuild<Built<Mapped>, Outer> = async (options) => {
      const { spec, validator } = await this.build(options)
      return { spec, validator: validator.transform(change) as unknown as z.ZodType<Mapped> }
    }
    const validator = this.validator.transform((value) => change(value as unknown as Type))
    return new Field(build, validator as unknown as z.ZodType<Mapped>, this.inner)
  }

  /** The same field, shown with the reason why it cannot be changed. */
  withDisabled(reason: string): Field<Type, Static, Outer> {
    const build: LazyBuild<Built<Type>, Outer> = async (options) => {
      const { spec, validator } = await this.build(options)
      return { spec: { ...spec, disabled: reason } as ValueSpec, validator }
    }
    return new Field(build, this.validator, this.inner?.disable('all', reason) ?? null)
  }
}

/** Options that most fields share. */
export interface CommonOptions {
  name: string
  description?: string | null | undefined
  warning?: string | null | undefined
  footnote?: string | null | undefined
  /** Cannot be changed once it was saved. */
  immutable?: boolean | undefined
}

/** Options of a field that is made when the form is opened. */
export type Dynamic<Options> = Omit<Options, 'immutable'> & { disabled?: false | string | undefined }

export type Nullable<T, Required extends boolean> = Required extends true ? T : T | null

export function nullable<T, Required extends boolean>(
  validator: z.ZodType<T>,
  required: Required,
): z.ZodType<Nullable<T, Required>> {
  return (required ? validator : validator.nullable()) as z.ZodType<Nullable<T, Required>>
}

/** Defaults overlaid with what the author wrote; keys that this SDK does not know pass through. */
export function overlay<S extends ValueSpec>(defaults: Partial<S>, options: object): S {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
  return { ...defaults, ...given } as S
}

/** A field that is the same whenever the form is opened. */
export function fixed<Type>(spec: ValueSpec, validator: z.ZodType<Type>): Field<Type> {
  return new Field(() => ({ spec, validator }), validator)
}

/** A field whose options are found when the form is opened. */
export function dynamic<Options, Type, Static, Outer>(
  options: LazyBuild<Options, Outer>,
  make: (options: Options) => Field<Type>,
  validator: z.ZodType<Static>,
): Field<Type, Static, Outer> {
  return new Field<Type, Static, Outer>(async (build) => {
    const { disabled, ...rest } = (await options(build)) as Options & { disabled?: unknown }
    const built = await make(rest as Options).build(build as LazyBuildOptions)
    return { ...built, spec: { ...built.spec, disabled: disabled ?? false, immutable: false } as ValueSpec }
  }, validator)
}
