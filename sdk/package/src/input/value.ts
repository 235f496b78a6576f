import { dynamicMultiselect, dynamicSelect, multiselect, select } from './choice.ts'
import type { Field } from './field.ts'
import { dynamicHidden, dynamicUnion, hidden, object, union } from './group.ts'
import { list } from './list.ts'
import {
  color,
  datetime,
  dynamicColor,
  dynamicDatetime,
  dynamicFile,
  dynamicNumber,
  dynamicToggle,
  dynamicTriState,
  file,
  number,
  toggle,
  triState,
} from './scalar.ts'
import { dynamicText, dynamicTextarea, text, textarea } from './text.ts'

/** A field of a form. */
export type Value<Type, Static = Type, Outer = unknown> = Field<Type, Static, Outer>

/** The kinds of field; `dynamicX` finds its options when the form is opened. */
export const Value = {
  text,
  dynamicText,
  textarea,
  dynamicTextarea,
  number,
  dynamicNumber,
  color,
  dynamicColor,
  datetime,
  dynamicDatetime,
  toggle,
  dynamicToggle,
  triState,
  dynamicTriState,
  select,
  dynamicSelect,
  multiselect,
  dynamicMultiselect,
  object,
  union,
  dynamicUnion,
  list,
  file,
  dynamicFile,
  hidden,
  dynamicHidden,
}
