import type { Pattern, RandomString, ValueSpecText, ValueSpecTextarea } from '@startd/base/input-spec.ts'
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

export interface TextOptions<Required extends boolean = boolean> extends CommonOptions {
  required: Required
  /** A text, or how to draw a random one. */
  default: string | RandomString | null
  /** Shown as dots. */
  masked?: boolean | undefined
  placeholder?: string | null | undefined
  minLength?: number | null | undefined
  maxLength?: number | null | undefined
  patterns?: Pattern[] | undefined
  inputmode?: ValueSpecText['inputmode'] | undefined
  /** Offers a button that draws a random text. */
  generate?: RandomString | null | undefined
}

/** One line of text. */
export function text<Required extends boolean>(
  options: TextOptions<Required>,
): Field<Nullable<string, Required>> {
  const defaults: Partial<ValueSpecText> = {
    type: 'text',
    description: null,
    warning: null,
    footnote: null,
    masked: false,
    placeholder: null,
    minLength: null,
    maxLength: null,
    patterns: [],
    inputmode: 'text',
    disabled: false,
    immutable: false,
    generate: null,
  }
  return fixed(overlay(defaults, options), nullable(z.string(), options.required))
}

export function dynamicText<Required extends boolean, Outer = unknown>(
  options: LazyBuild<Dynamic<TextOptions<Required>>, Outer>,
): Field<Nullable<string, Required>, string | null, Outer> {
  return dynamic(options, text<Required>, z.string().nullable())
}

export interface TextareaOptions<Required extends boolean = boolean> extends CommonOptions {
  required: Required
  default: string | null
  placeholder?: string | null | undefined
  minLength?: number | null | undefined
  maxLength?: number | null | undefined
  patterns?: Pattern[] | undefined
  minRows?: number | undefined
  maxRows?: number | undefined
}

/** Several lines of text. */
export function textarea<Required extends boolean>(
  options: TextareaOptions<Required>,
): Field<Nullable<string, Required>> {
  const defaults: Partial<ValueSpecTextarea> = {
    type: 'textarea',
    description: null,
    warning: null,
    footnote: null,
    placeholder: null,
    minLength: null,
    maxLength: null,
    patterns: [],
    minRows: 3,
    maxRows: 6,
    disabled: false,
    immutable: false,
  }
  return fixed(overlay(defaults, options), nullable(z.string(), options.required))
}

export function dynamicTextarea<Required extends boolean, Outer = unknown>(
  options: LazyBuild<Dynamic<TextareaOptions<Required>>, Outer>,
): Field<Nullable<string, Required>, string | null, Outer> {
  return dynamic(options, textarea<Required>, z.string().nullable())
}
