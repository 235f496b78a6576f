import type { ValueSpecUnion } from '@startd/base/input-spec.ts'
import type { z } from 'zod'
import type { LazyBuildOptions } from './field.ts'
import type { InputSpec } from './input-spec.ts'

export type VariantValues = Record<string, object>
export type VariantMap = Record<string, { name: string; spec: InputSpec<object, object> }>
type ValuesOf<M extends VariantMap> = {
  [K in keyof M & string]: M[K]['spec'] extends InputSpec<infer Type, infer _Static> ? Type : never
}

/** The groups of fields of which a union shows one. */
export class Variants<V extends VariantValues = VariantValues, M extends VariantMap = VariantMap> {
  declare readonly _TYPE: V
  readonly map: M

  constructor(map: M) {
    this.map = map
  }

  static of<M extends VariantMap>(map: M): Variants<ValuesOf<M>, M> {
    return new Variants<ValuesOf<M>, M>(map)
  }

  /** What holds for each group, without looking at a form. */
  validators(): Record<string, z.ZodType> {
    return Object.fromEntries(Object.entries(this.map).map(([key, { spec }]) => [key, spec.validator]))
  }

  async build(options: LazyBuildOptions) {
    const spec: ValueSpecUnion['variants'] = {}
    const validators: Record<string, z.ZodType> = {}
    for (const [key, variant] of Object.entries(this.map)) {
      const built = await variant.spec.build(options)
      spec[key] = { name: variant.name, spec: built.spec }
      validators[key] = built.validator
    }
    return { spec, validators }
  }
}
