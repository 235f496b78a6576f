import type {
  ValueSpecColor,
  ValueSpecDatetime,
  ValueSpecFile,
  ValueSpecNumber,
  ValueSpecToggle,
  ValueSpecTriState,
} from '@startd/base/input-spec.ts'
import { z } from 'zod'
import {
  type CommonOptions,
  type Dynamic,
  type Field,
  type LazyBuild,
  type Nullable,
  dynamic,
  fixed,
  nullable,
  overlay,
} from './field.ts'

const COMMON = {
  description: null,
  warning: null,
  footnote: null,
  disabled: false,
  immutable: false,
} as const

export interface NumberOptions<Required extends boolean = boolean> extends CommonOptions {
  required: Required
  default: number | null
  integer: boolean
  min?: number | null | undefined
  max?: number | null | undefined
  step?: number | null | undefined
  units?: string | null | undefined
  placeholder?: string | null | undefined
}

export function number<Required extends boolean>(
  options: NumberOptions<Required>,
): Field<Nullable<number, Required>> {
  const defaults: Partial<ValueSpecNumber> = {
    type: 'number',
    ...COMMON,
    min: null,
    max: null,
    step: null,
    units: null,
    placeholder: null,
  }
  return fixed(overlay(defaults, options), nullable(z.number(), options.required))
}

export function dynamicNumber<Required extends boolean, Outer = unknown>(
  options: LazyBuild<Dynamic<NumberOptions<Required>>, Outer>,
): Field<Nullable<number, Required>, number | null, Outer> {
  return dynamic(options, number<Required>, z.number().nullable())
}

export interface ColorOptions<Required extends boolean = boolean> extends CommonOptions {
  required: Required
  default: string | null
}

export function color<Required extends boolean>(
  options: ColorOptions<Required>,
): Field<Nullable<string, Required>> {
  const defaults: Partial<ValueSpecColor> = { type: 'color', ...COMMON }
  return fixed(overlay(defaults, options), nullable(z.string(), options.required))
}

export function dynamicColor<Required extends boolean, Outer = unknown>(
  options: LazyBuild<Dynamic<ColorOptions<Required>>, Outer>,
): Field<Nullable<string, Required>, string | null, Outer> {
  return dynamic(options, color<Required>, z.string().nullable())
}

export interface DatetimeOptions<Required extends boolean = boolean> extends CommonOptions {
  required: Required
  default: string | null
  inputmode?: ValueSpecDatetime['inputmode'] | undefined
  min?: string | null | undefined
  max?: string | null | undefined
}

export function datetime<Required extends boolean>(
  options: DatetimeOptions<Required>,
): Field<Nullable<string, Required>> {
  const defaults: Partial<ValueSpecDatetime> = {
    type: 'datetime',
    ...COMMON,
    inputmode: 'datetime-local',
    min: null,
    max: null,
  }
  return fixed(overlay(defaults, options), nullable(z.string(), options.required))
}

export function dynamicDatetime<Required extends boolean, Outer = unknown>(
  options: LazyBuild<Dynamic<DatetimeOptions<Required>>, Outer>,
): Field<Nullable<string, Required>, string | null, Outer> {
  return dynamic(options, datetime<Required>, z.string().nullable())
}

export interface ToggleOptions extends CommonOptions {
  default: boolean
}

/** On or off. */
export function toggle(options: ToggleOptions): Field<boolean> {
  const defaults: Partial<ValueSpecToggle> = { type: 'toggle', ...COMMON }
  return fixed(overlay(defaults, options), z.boolean())
}

export function dynamicToggle<Outer = unknown>(
  options: LazyBuild<Dynamic<ToggleOptions>, Outer>,
): Field<boolean, boolean, Outer> {
  return dynamic(options, toggle, z.boolean())
}

export interface TriStateOptions extends CommonOptions {
  default: boolean | null
}

/** On, off, or left to the application. */
export function triState(options: TriStateOptions): Field<boolean | null> {
  const defaults: Partial<ValueSpecTriState> = { type: 'triState', ...COMMON }
  return fixed(overlay(defaults, options), z.boolean().nullable())
}

export function dynamicTriState<Outer = unknown>(
  options: LazyBuild<Dynamic<TriStateOptions>, Outer>,
): Field<boolean | null, boolean | null, Outer> {
  return dynamic(options, triState, z.boolean().nullable())
}

export interface FileOptions<Required extends boolean = boolean> {
  name: string
  description?: string | null | undefined
  warning?: string | null | undefined
  extensions: string[]
  required: Required
}

/** An uploaded file: where it lies, and what it holds. */
export interface FileInfo {
  path: string
  commitment: { hash: string; size: number }
}

const FileInfo: z.ZodType<FileInfo> = z.looseObject({
  path: z.string(),
  commitment: z.looseObject({ hash: z.string(), size: z.number() }),
})

export function file<Required extends boolean>(
  options: FileOptions<Required>,
): Field<Nullable<FileInfo, Required>> {
  const defaults: Partial<ValueSpecFile> = { type: 'file', description: null, warning: null }
  return fixed(overlay(defaults, options), nullable(FileInfo, options.required))
}

export function dynamicFile<Required extends boolean, Outer = unknown>(
  options: LazyBuild<FileOptions<Required>, Outer>,
): Field<Nullable<FileInfo, Required>, FileInfo | null, Outer> {
  return dynamic(options, file<Required>, FileInfo.nullable())
}
