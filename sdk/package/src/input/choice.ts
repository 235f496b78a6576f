import type { ValueSpecMultiselect, ValueSpecSelect } from '@startd/base/input-spec.ts'
import { z } from 'zod'
import { type CommonOptions, type Field, type LazyBuild, dynamic, fixed, overlay } from './field.ts'

/** Which choices cannot be made: none, all (and why), or some. */
export interface DisabledChoices {
  disabled?: false | string | string[] | undefined
}

const COMMON = {
  description: null,
  warning: null,
  footnote: null,
  disabled: false,
  immutable: false,
} as const

export interface SelectOptions<Values extends Record<string, string>> extends CommonOptions {
  default: keyof Values & string
  /** Labels by value. */
  values: Values
}

/** One of several. */
export function select<const Values extends Record<string, string>>(
  options: SelectOptions<Values>,
): Field<keyof Values & string> {
  const defaults: Partial<ValueSpecSelect> = { type: 'select', ...COMMON }
  return fixed(overlay(defaults, options), oneOf(options.values))
}

export function dynamicSelect<const Values extends Record<string, string>, Outer = unknown>(
  options: LazyBuild<Omit<SelectOptions<Values>, 'immutable'> & DisabledChoices, Outer>,
): Field<keyof Values & string, string, Outer> {
  return dynamic(options, select<Values>, z.string())
}

export interface MultiselectOptions<Values extends Record<string, string>> extends CommonOptions {
  default: (keyof Values & string)[]
  values: Values
  minLength?: number | null | undefined
  maxLength?: number | null | undefined
}

/** Any number of several. */
export function multiselect<const Values extends Record<string, string>>(
  options: MultiselectOptions<Values>,
): Field<(keyof Values & string)[]> {
  const defaults: Partial<ValueSpecMultiselect> = {
    type: 'multiselect',
    ...COMMON,
    minLength: null,
    maxLength: null,
  }
  return fixed(overlay(defaults, options), z.array(oneOf(options.values)))
}

export function dynamicMultiselect<const Values extends Record<string, string>, Outer = unknown>(
  options: LazyBuild<Omit<MultiselectOptions<Values>, 'immutable'> & DisabledChoices, Outer>,
): Field<(keyof Values & string)[], string[], Outer> {
  return dynamic(options, multiselect<Values>, z.array(z.string()))
}

/** Where there is nothing to choose from, any text passes (sdk.md §7.1). */
function oneOf<Values extends Record<string, string>>(values: Values): z.ZodType<keyof Values & string> {
  const keys = Object.keys(values)
  return (keys.length === 0 ? z.string() : z.enum(keys)) as unknown as z.ZodType<keyof Values & string>
}
