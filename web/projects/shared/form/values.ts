import { randomText } from './random-text.ts'
import type { FieldSpec, InputSpec, ListSpec, UnionSpec, UnionValue } from './spec.ts'

export type FormValue = Record<string, unknown>

/** What a form starts with: the current value where there is one (also null), else the default. */
export function initialValues(spec: InputSpec, current: unknown): FormValue {
  const given = asRecord(current)
  return Object.fromEntries(
    Object.entries(spec).map(([key, field]) => [key, initialValue(field, given?.[key])]),
  )
}

export function initialValue(spec: FieldSpec, current: unknown): unknown {
  switch (spec.type) {
    case 'object':
      return initialValues(spec.spec, current)
    case 'union':
      return initialUnion(spec, current)
    case 'list':
      return initialList(spec, current)
    case 'text':
      if (current !== undefined) return current
      return spec.default !== null && typeof spec.default === 'object'
        ? randomText(spec.default)
        : (spec.default ?? null)
    case 'toggle':
      return (current ?? spec.default) === true
    case 'multiselect':
      return Array.isArray(current) ? (current as unknown[]) : (spec.default ?? [])
    case 'hidden':
    case 'file':
      return current ?? null
    case 'textarea':
    case 'number':
    case 'color':
    case 'datetime':
    case 'triState':
    case 'select':
      return current === undefined ? (spec.default ?? null) : current
    default:
      spec satisfies never
      return current ?? null
  }
}

/** Another variant of a union: what was typed in the one before is kept beside it. */
export function chooseVariant(spec: UnionSpec, value: UnionValue, selection: string): UnionValue {
  const { [selection]: remembered, ...others } = value.other ?? {}
  const other = value.selection === null ? others : { ...others, [value.selection]: value.value }
  return {
    selection,
    value: initialValues(spec.variants[selection]?.spec ?? {}, remembered),
    ...(Object.keys(other).length > 0 && { other }),
  }
}

/** A new entry of a list. */
export function newItem({ spec }: ListSpec): unknown {
  return spec.type === 'text' ? '' : initialValues(spec.spec, undefined)
}

/** The value at a path; undefined where the path leads nowhere. */
export function valueAt(value: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((at, key) => (at as Record<string | number, unknown> | undefined)?.[key], value)
}

/** A copy with another value at a path; what is not on the path keeps its identity. */
export function withValue(value: unknown, path: readonly (string | number)[], next: unknown): unknown {
  const [key, ...rest] = path
  if (key === undefined) return next
  if (Array.isArray(value)) {
    return value.map((item: unknown, at) => (at === key ? withValue(item, rest, next) : item))
  }
  const record = asRecord(value) ?? {}
  return { ...record, [key]: withValue(record[key], rest, next) }
}

function initialUnion(spec: UnionSpec, current: unknown): UnionValue {
  const given = asRecord(current)
  const wanted = typeof given?.['selection'] === 'string' ? given['selection'] : spec.default
  const selection = wanted !== null && wanted in spec.variants ? wanted : null
  const other = asRecord(given?.['other']) as UnionValue['other'] | undefined
  return {
    selection,
    value: selection === null ? {} : initialValues(spec.variants[selection]?.spec ?? {}, given?.['value']),
    ...(other && { other }),
  }
}

function initialList(spec: ListSpec, current: unknown): unknown[] {
  const items: unknown[] = Array.isArray(current) ? current : (spec.default ?? [])
  const { spec: item } = spec
  const filled = item.type === 'text' ? items : items.map((one) => initialValues(item.spec, one))
  const missing = Math.max(0, (spec.minLength ?? 0) - filled.length)
  return [...filled, ...Array.from({ length: missing }, () => newItem(spec))]
}

function asRecord(value: unknown): Record<string, unknown> | undefined {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined
}
