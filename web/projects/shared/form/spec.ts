/** Input specifications as packages send them (sdk.md §7.1). Unknown keys are ignored, missing ones are off. */

export interface RandomString {
  charset: string
  len: number
}

export interface Pattern {
  regex: string
  description: string
}

interface Common {
  name: string
  description?: string | null
  warning?: string | null
  footnote?: string | null
  immutable?: boolean
}
/** A reason, or false for a field that can be used. */
type Disabled = { disabled?: false | string }
/** Choices can also be closed one by one. */
type DisabledChoices = { disabled?: false | string | string[] }

export interface TextSpec extends Common, Disabled {
  type: 'text'
  required: boolean
  default: string | RandomString | null
  masked?: boolean
  placeholder?: string | null
  minLength?: number | null
  maxLength?: number | null
  patterns?: Pattern[]
  inputmode?: 'text' | 'email' | 'tel' | 'url'
  generate?: RandomString | null
}
export interface TextareaSpec extends Common, Disabled {
  type: 'textarea'
  required: boolean
  default: string | null
  placeholder?: string | null
  minLength?: number | null
  maxLength?: number | null
  patterns?: Pattern[]
  minRows?: number
  maxRows?: number
}
export interface NumberSpec extends Common, Disabled {
  type: 'number'
  required: boolean
  default: number | null
  min?: number | null
  max?: number | null
  step?: number | string | null
  integer?: boolean
  units?: string | null
  placeholder?: string | null
}
export interface ColorSpec extends Common, Disabled {
  type: 'color'
  required: boolean
  default: string | null
}
export interface DatetimeSpec extends Common, Disabled {
  type: 'datetime'
  required: boolean
  default: string | null
  inputmode?: 'date' | 'time' | 'datetime-local'
  min?: string | null
  max?: string | null
}
export interface ToggleSpec extends Common, Disabled {
  type: 'toggle'
  default: boolean | null
}
export interface TriStateSpec extends Common, Disabled {
  type: 'triState'
  default: boolean | null
}
export interface SelectSpec extends Common, DisabledChoices {
  type: 'select'
  default: string | null
  values: Record<string, string>
}
export interface MultiselectSpec extends Common, DisabledChoices {
  type: 'multiselect'
  default: string[]
  values: Record<string, string>
  minLength?: number | null
  maxLength?: number | null
}
export interface ObjectSpec extends Common {
  type: 'object'
  spec: InputSpec
}
export interface UnionSpec extends Common, DisabledChoices {
  type: 'union'
  default: string | null
  variants: Record<string, { name: string; spec: InputSpec }>
}
export type TextItemSpec = Pick<
  TextSpec,
  'type' | 'masked' | 'placeholder' | 'minLength' | 'maxLength' | 'patterns' | 'inputmode' | 'generate'
>
export type UniqueBy = null | string | { any: UniqueBy[] } | { all: UniqueBy[] }
export interface ObjectItemSpec {
  type: 'object'
  spec: InputSpec
  displayAs?: string | null
  uniqueBy?: UniqueBy
}
export interface ListSpec extends Common, Disabled {
  type: 'list'
  spec: TextItemSpec | ObjectItemSpec
  default: unknown[]
  minLength?: number | null
  maxLength?: number | null
  generate?: RandomString | null
}
export interface FileSpec extends Common, Disabled {
  type: 'file'
  required: boolean
  extensions: string[]
}
export interface HiddenSpec {
  type: 'hidden'
  name?: string
}

export type FieldSpec =
  | TextSpec
  | TextareaSpec
  | NumberSpec
  | ColorSpec
  | DatetimeSpec
  | ToggleSpec
  | TriStateSpec
  | SelectSpec
  | MultiselectSpec
  | ObjectSpec
  | UnionSpec
  | ListSpec
  | FileSpec
  | HiddenSpec

/** Order of the keys is order on the page. */
export type InputSpec = Record<string, FieldSpec>

export interface UnionValue {
  selection: string | null
  value: Record<string, unknown>
  /** What was typed in variants that are not selected now. */
  other?: Record<string, Record<string, unknown>>
}

/** Why a field cannot be changed; null when it can. */
export function disabledReason(spec: FieldSpec): string | null {
  return 'disabled' in spec && typeof spec.disabled === 'string' ? spec.disabled : null
}

/** Keys of a choice that cannot be taken now. */
export function closedChoices(spec: FieldSpec): readonly string[] {
  return 'disabled' in spec && Array.isArray(spec.disabled) ? spec.disabled : []
}
