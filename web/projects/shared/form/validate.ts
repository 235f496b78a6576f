import type { Text } from '../i18n/texts.ts'
import {
  disabledReason,
  type FieldSpec,
  type InputSpec,
  type ListSpec,
  type NumberSpec,
  type Pattern,
} from './spec.ts'
import type { UnionValue } from './spec.ts'
import { repeats } from './unique.ts'

export type Path = readonly (string | number)[]
/** Message by `pathKey`. */
export type Problems = ReadonlyMap<string, string>
type FormText = Text['form']

export function pathKey(path: Path): string {
  return path.map((part) => String(part).replaceAll('~', '~0').replaceAll('/', '~1')).join('/')
}

/**
 * Checks a form. This page is the only guard of lengths, bounds and patterns: the package itself checks
 * types alone (sdk.md §7.1).
 */
export function validate(spec: InputSpec, value: unknown, text: FormText): Problems {
  const problems = new Map<string, string>()
  const report = (path: Path, message: string | null) => {
    if (message !== null) problems.set(pathKey(path), message)
  }
  checkAll(spec, value, [], report, text)
  return problems
}

type Report = (path: Path, message: string | null) => void

function checkAll(spec: InputSpec, value: unknown, path: Path, report: Report, text: FormText): void {
  for (const [key, field] of Object.entries(spec)) {
    if (disabledReason(field) !== null) continue
    check(field, (value as Record<string, unknown> | undefined)?.[key], [...path, key], report, text)
  }
}

function check(spec: FieldSpec, value: unknown, path: Path, report: Report, text: FormText): void {
  switch (spec.type) {
    case 'text':
    case 'textarea':
      return report(path, textProblem(spec, value, text))
    case 'number':
      return report(path, numberProblem(spec, value, text))
    case 'color':
      return report(path, colorProblem(spec.required, value, text))
    case 'datetime':
      if (isEmpty(value)) return report(path, spec.required ? text.required : null)
      if (spec.min && String(value) < spec.min) return report(path, text.earlier(spec.min))
      return report(path, spec.max && String(value) > spec.max ? text.later(spec.max) : null)
    case 'select': {
      const known = Object.keys(spec.values).length === 0 || String(value) in spec.values
      return report(path, isEmpty(value) || !known ? text.choose : null)
    }
    case 'multiselect':
      return report(path, countProblem(spec, value, text.chooseMin, text.chooseMax))
    case 'object':
      return checkAll(spec.spec, value, path, report, text)
    case 'union': {
      const { selection, value: inner } = (value ?? { selection: null, value: {} }) as UnionValue
      const variant = selection === null ? undefined : spec.variants[selection]
      if (!variant) return report(path, text.choose)
      return checkAll(variant.spec, inner, [...path, 'value'], report, text)
    }
    case 'list':
      return checkList(spec, value, path, report, text)
    case 'file':
      return report(path, spec.required ? text.file : null)
    case 'toggle':
    case 'triState':
    case 'hidden':
      return
    default:
      return spec satisfies never
  }
}

function checkList(spec: ListSpec, value: unknown, path: Path, report: Report, text: FormText): void {
  const items = Array.isArray(value) ? (value as unknown[]) : []
  report(path, countProblem(spec, items, text.listMin, text.listMax))
  const { spec: item } = spec
  items.forEach((one, at) => {
    if (item.type === 'text') report([...path, at], textProblem({ ...item, required: true }, one, text))
    else checkAll(item.spec, one, [...path, at], report, text)
  })
  for (const at of repeats(items, item.type === 'object' ? (item.uniqueBy ?? null) : null)) {
    report([...path, at], text.unique)
  }
}

interface Textual {
  required: boolean
  minLength?: number | null
  maxLength?: number | null
  patterns?: Pattern[]
}

function textProblem(spec: Textual, value: unknown, text: FormText): string | null {
  if (isEmpty(value)) return spec.required ? text.required : null
  const given = String(value)
  const { minLength, maxLength, patterns } = spec
  if (typeof minLength === 'number' && given.length < minLength) return text.tooShort(minLength)
  if (typeof maxLength === 'number' && given.length > maxLength) return text.tooLong(maxLength)
  const missed = (patterns ?? []).find(({ regex }) => !matches(regex, given))
  return missed ? missed.description || text.pattern : null
}

function numberProblem(spec: NumberSpec, value: unknown, text: FormText): string | null {
  if (isEmpty(value)) return spec.required ? text.required : null
  if (typeof value !== 'number' || !Number.isFinite(value)) return text.number
  const { min, max, integer } = spec
  if (integer && !Number.isInteger(value)) return text.integer
  if (typeof min === 'number' && value < min) return text.min(min)
  if (typeof max === 'number' && value > max) return text.max(max)
  const step = Number(spec.step)
  if (!(step > 0)) return null
  const steps = (value - (min ?? 0)) / step
  return Math.abs(steps - Math.round(steps)) > 1e-9 ? text.step(step) : null
}

function colorProblem(required: boolean, value: unknown, text: FormText): string | null {
  if (isEmpty(value)) return required ? text.required : null
  return /^#[0-9a-f]{6}$/i.test(String(value)) ? null : text.color
}

interface Counted {
  minLength?: number | null
  maxLength?: number | null
}

function countProblem(
  { minLength, maxLength }: Counted,
  value: unknown,
  few: (n: number) => string,
  many: (n: number) => string,
): string | null {
  const count = Array.isArray(value) ? value.length : 0
  if (typeof minLength === 'number' && count < minLength) return few(minLength)
  return typeof maxLength === 'number' && count > maxLength ? many(maxLength) : null
}

/** A pattern that this browser cannot read stops nobody. */
function matches(regex: string, value: string): boolean {
  for (const flags of ['u', '']) {
    try {
      return new RegExp(regex, flags).test(value)
    } catch {
      continue
    }
  }
  return true
}

function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || value === ''
}
