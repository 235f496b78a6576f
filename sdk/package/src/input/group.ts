import type { ValueSpecObject, ValueSpecUnion } from '@startd/base/input-spec.ts'
import { z } from 'zod'
import type { DeepPartial } from '../values/deep.ts'
import type { DisabledChoices } from './choice.ts'
import { type Built, Field, type LazyBuild, type LazyBuildOptions, fixed, overlay } from './field.ts'
import type { InputSpec } from './input-spec.ts'
import type { Variants } from './variants.ts'
import { type VariantMap, type VariantValues } from './variants.ts'

export interface ObjectOptions {
  name: string
  description?: string | null | undefined
  warning?: string | null | undefined
}

/** Fields under one heading. */
export function object<Type extends object, Static extends object, Outer>(
  options: ObjectOptions,
  inner: InputSpec<Type, Static, Outer>,
): Field<Type, Static, Outer> {
  const defaults: Partial<ValueSpecObject> = { type: 'object', description: null, warning: null }
  const build: LazyBuild<Built<Type>, Outer> = async (build) => {
    const { spec, validator } = await inner.build(build)
    return { spec: overlay<ValueSpecObject>({ ...defaults, spec }, options), validator }
  }
  return new Field(build, inner.validator, inner as unknown as InputSpec)
}

/** The value of a union: what was chosen, its fields, and what was typed in the others. */
export type UnionValue<V extends VariantValues> = {
  [K in keyof V & string]: {
    selection: K
    value: V[K]
    other?: { [Other in Exclude<keyof V, K>]?: DeepPartial<V[Other]> } | undefined
  }
}[keyof V & string]

export interface UnionOptions<V extends VariantValues, M extends VariantMap> {
  name: string
  description?: string | null | undefined
  warning?: string | null | undefined
  default: keyof V & string
  variants: Variants<V, M>
  immutable?: boolean | undefined
}

/** One of several groups of fields. */
export function union<V extends VariantValues, M extends VariantMap, Outer = unknown>(
  options: UnionOptions<V, M>,
): Field<UnionValue<V>, UnionValue<V>, Outer> {
  return new Field<UnionValue<V>, UnionValue<V>, Outer>(
    (build) => buildUnion(options, false, build as LazyBuildOptions),
    unionValidator(options.variants.validators()),
  )
}

export function dynamicUnion<V extends VariantValues, M extends VariantMap, Outer = unknown>(
  options: LazyBuild<Omit<UnionOptions<V, M>, 'immutable'> & DisabledChoices, Outer>,
): Field<UnionValue<V>, unknown, Outer> {
  const anything = z.looseObject({ selection: z.string(), value: z.unknown() })
  return new Field<UnionValue<V>, unknown, Outer>(async (build) => {
    const { disabled, ...rest } = await options(build)
    return buildUnion(rest, disabled ?? false, build as LazyBuildOptions)
  }, anything)
}

async function buildUnion<V extends VariantValues, M extends VariantMap>(
  { variants, ...options }: UnionOptions<V, M>,
  disabled: false | string | string[],
  build: LazyBuildOptions,
): Promise<Built<UnionValue<V>>> {
  const built = await variants.build(build)
  const defaults: Partial<ValueSpecUnion> = {
    type: 'union',
    description: null,
    warning: null,
    immutable: false,
    disabled,
    variants: built.spec,
  }
  return { spec: overlay<ValueSpecUnion>(defaults, options), validator: unionValidator(built.validators) }
}

function unionValidator<V extends VariantValues>(
  validators: Record<string, z.ZodType>,
): z.ZodType<UnionValue<V>> {
  const other = z.record(z.string(), z.unknown()).optional()
  const cases = Object.entries(validators).map(([key, value]) =>
    z.looseObject({ selection: z.literal(key), value, other }),
  )
  const [first, ...rest] = cases
  return (first ? z.discriminatedUnion('selection', [first, ...rest]) : z.never()) as unknown as z.ZodType<
    UnionValue<V>
  >
}

/** A value that the form carries along without showing it. */
export function hidden<T = unknown>(validator?: z.ZodType<T>): Field<T> {
  return fixed({ type: 'hidden' }, validator ?? (z.unknown().optional() as unknown as z.ZodType<T>))
}

export function dynamicHidden<T, Outer = unknown>(
  validator: LazyBuild<z.ZodType<T>, Outer>,
): Field<T, unknown, Outer> {
  return new Field<T, unknown, Outer>(
    async (build) => ({ spec: { type: 'hidden' }, validator: await validator(build) }),
    z.unknown().optional(),
  )
}
