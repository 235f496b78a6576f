/** A form as it goes over the wire: fields by key, in the order in which they are shown (sdk.md §7). */
export type InputSpec = { [key: string]: ValueSpec }

export interface RandomString {
  /** Single characters and ranges, separated by commas: `a-z,A-Z,0-9`. */
  charset: string
  len: number
}

export interface Pattern {
  regex: string
  description: string
}

/** How a list of objects tells its items apart: by a key, or by any or all of several. */
export type UniqueBy = null | string | { any: readonly UniqueBy[] } | { all: readonly UniqueBy[] }

interface Described {
  name: string
  description: string | null
  warning: string | null
}

interface Field extends Described {
  footnote?: string | null
  /** `false`, or why the field cannot be changed. */
  disabled: false | string
  /** Cannot be changed once it was saved. */
  immutable: boolean
}

export interface ValueSpecText extends Field {
  type: 'text'
  required: boolean
  default: string | RandomString | null
  masked: boolean
  placeholder: string | null
  minLength: number | null
  maxLength: number | null
  patterns: Pattern[]
  inputmode: 'text' | 'email' | 'tel' | 'url'
  generate: null | RandomString
}

export interface ValueSpecTextarea extends Field {
  type: 'textarea'
  required: boolean
  default: string | null
  placeholder: string | null
  minLength: number | null
  maxLength: number | null
  patterns: Pattern[]
  minRows: number
  maxRows: number
}

export interface ValueSpecNumber extends Field {
  type: 'number'
  required: boolean
  default: number | null
  integer: boolean
  min: number | null
  max: number | null
  step: number | null
  units: string | null
  placeholder: string | null
}

export interface ValueSpecColor extends Field {
  type: 'color'
  required: boolean
  default: string | null
}

export interface ValueSpecDatetime extends Field {
  type: 'datetime'
  required: boolean
  default: string | null
  inputmode: 'date' | 'time' | 'datetime-local'
  min: string | null
  max: string | null
}

export interface ValueSpecToggle extends Field {
  type: 'toggle'
  default: boolean | null
}

export interface ValueSpecTriState extends Field {
  type: 'triState'
  default: boolean | null
}

export interface ValueSpecSelect extends Omit<Field, 'disabled'> {
  type: 'select'
  values: Record<string, string>
  default: string | null
  /** A list names the choices that cannot be made. */
  disabled: false | string | string[]
}

export interface ValueSpecMultiselect extends Omit<Field, 'disabled'> {
  type: 'multiselect'
  values: Record<string, string>
  default: string[]
  minLength: number | null
  maxLength: number | null
  disabled: false | string | string[]
}

export interface ValueSpecObject extends Described {
  type: 'object'
  spec: InputSpec
}

/** Its value is `{selection, value, other?}`; `other` keeps what was typed in variants not chosen. */
export interface ValueSpecUnion extends Described {
  type: 'union'
  variants: Record<string, { name: string; spec: InputSpec }>
  default: string | null
  disabled: false | string | string[]
  immutable: boolean
}

export type ListItemSpec =
  | {
      type: 'text'
      patterns: Pattern[]
      minLength: number | null
      maxLength: number | null
      masked: boolean
      generate: null | RandomString
      inputmode: 'text' | 'email' | 'tel' | 'url'
      placeholder: string | null
    }
  | {
      type: 'object'
      spec: InputSpec
      uniqueBy: UniqueBy
      /** A template for an item's title: `{{key}}`. */
      displayAs: string | null
    }

export interface ValueSpecList extends Described {
  type: 'list'
  spec: ListItemSpec
  default: readonly unknown[]
  minLength: number | null
  maxLength: number | null
  disabled: false | string
}

/** Its value is `{path, commitment: {hash, size}}`. */
export interface ValueSpecFile extends Described {
  type: 'file'
  extensions: string[]
  required: boolean
}

export interface ValueSpecHidden {
  type: 'hidden'
}

export type ValueSpec =
  | ValueSpecText
  | ValueSpecTextarea
  | ValueSpecNumber
  | ValueSpecColor
  | ValueSpecDatetime
  | ValueSpecToggle
  | ValueSpecTriState
  | ValueSpecSelect
  | ValueSpecMultiselect
  | ValueSpecObject
  | ValueSpecUnion
  | ValueSpecList
  | ValueSpecFile
  | ValueSpecHidden

export type ValueType = ValueSpec['type']
