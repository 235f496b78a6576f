import type { ListItemSpec, Pattern, RandomString, UniqueBy, ValueSpecList } from '@startd/base/input-spec.ts'
import { z } from 'zod'
import { type Built, Field, type LazyBuild } from './field.ts'
import type { InputSpec } from './input-spec.ts'

export interface ListOptions<Item> {
  name: string
  description?: string | null | undefined
  warning?: string | null | undefined
  default?: Item[] | undefined
  minLength?: number | null | undefined
  maxLength?: number | null | undefined
}

export interface ListTextItem {
  masked?: boolean | undefined
  placeholder?: string | null | undefined
  minLength?: number | null | undefined
  maxLength?: number | null | undefined
  patterns?: Pattern[] | undefined
  inputmode?: 'text' | 'email' | 'tel' | 'url' | undefined
  generate?: RandomString | null | undefined
}

export interface ListObjectItem<Type extends object, Static extends object, Outer> {
  spec: InputSpec<Type, Static, Outer>
  displayAs?: string | null | undefined
  uniqueBy?: UniqueBy | undefined
}

type ListBuild = { list: object; item: object }

/** What a list holds; made into a field by `Value.list`. */
export class List<Item, Static = Item, Outer = unknown> {
  readonly build: LazyBuild<Built<Item[]>, Outer>
  readonly validator: z.ZodType<Static[]>

  constructor(build: LazyBuild<Built<Item[]>, Outer>, validator: z.ZodType<Static[]>) {
    this.build = build
    this.validator = validator
  }

  /** A list of texts. */
  static text(options: ListOptions<string>, item: ListTextItem): List<string> {
    const validator = z.array(z.string())
    return new List(() => ({ spec: textList({ list: options, item }), validator }), validator)
  }

  static dynamicText<Outer = unknown>(
    get: LazyBuild<
      ListOptions<string> & { disabled?: false | string | undefined; spec: ListTextItem },
      Outer
    >,
  ): List<string, string, Outer> {
    const validator = z.array(z.string())
    return new List<string, string, Outer>(async (build) => {
      const { spec: item, ...list } = await get(build)
      return { spec: textList({ list, item }), validator }
    }, validator)
  }

  /** A list of groups of fields. */
  static obj<Type extends object, Static extends object, Outer>(
    options: ListOptions<Record<string, unknown>>,
    { spec: inner, displayAs = null, uniqueBy = null }: ListObjectItem<Type, Static, Outer>,
  ): List<Type, Static, Outer> {
    return new List<Type, Static, Outer>(async (build) => {
      const { spec, validator } = await inner.build(build)
      const item: ListItemSpec = { type: 'object', spec, displayAs, uniqueBy }
      return { spec: listSpec(options, item), validator: z.array(validator) }
    }, z.array(inner.validator))
  }
}

export function list<Item, Static, Outer>(items: List<Item, Static, Outer>): Field<Item[], Static[], Outer> {
  return new Field(items.build, items.validator)
}

function textList({ list, item }: ListBuild): ValueSpecList {
  return listSpec(list, {
    type: 'text',
    patterns: [],
    minLength: null,
    maxLength: null,
    masked: false,
    inputmode: 'text',
    generate: null,
    placeholder: null,
    ...item,
  })
}

function listSpec(options: object, spec: ListItemSpec): ValueSpecList {
  const defaults = {
    type: 'list' as const,
    description: null,
    warning: null,
    default: [],
    minLength: null,
    maxLength: null,
    disabled: false as const,
  }
  return { ...defaults, ...options, spec } as unknown as ValueSpecList
}
