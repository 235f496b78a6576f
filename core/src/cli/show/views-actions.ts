import type { InputSpec, ValueSpec } from '@startd/base/input-spec.ts'
import type { Block, Cell } from './blocks.ts'
import { cell } from './generic.ts'
import type { Views } from './views.ts'

/** Actions of services: the form that one asks to be filled in. */
export const actionViews = {
  'package.action.get-input': (form) => {
    if (form === null) return [{ kind: 'text', text: 'This action asks for nothing; just run it.' }]
    return formBlocks(form.spec as InputSpec, form.value)
  },
} as const satisfies Views

function formBlocks(spec: InputSpec, value: unknown): Block[] {
  const columns = [{ head: 'field', whole: true }, { head: 'what' }, { head: 'value now' }, { head: 'takes' }]
  return [
    { kind: 'table', columns, rows: rowsOf(spec, value, ''), none: 'the form is empty' },
    {
      kind: 'text',
      text: 'Answer with --input and a JSON object of fields, such as --input \'{"field":"value"}\'; what is left out stays.',
    },
  ]
}

/** A row for each field; those of a nested form with their path. */
function rowsOf(spec: InputSpec, value: unknown, path: string): Cell[][] {
  const now = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  return Object.entries(spec).flatMap(([key, field]): Cell[][] => {
    if (field.type === 'hidden') return []
    if (field.type === 'object') return rowsOf(field.spec, now[key], `${path}${key}.`)
    const isSecret = 'masked' in field && field.masked && now[key] !== null && now[key] !== undefined
    return [
      [
        `${path}${key}`,
        field.name,
        isSecret ? { text: 'hidden', tone: 'quiet' } : cell(now[key]),
        takes(field),
      ],
    ]
  })
}

function takes(field: Exclude<ValueSpec, { type: 'hidden' }>): Cell {
  const kind = {
    text: 'text',
    textarea: 'text of many lines',
    number: 'number',
    color: 'colour, such as #0a7ea4',
    datetime: 'date or time',
    toggle: 'true or false',
    triState: 'true, false or null',
    select: 'one of',
    multiselect: 'a list of',
    object: 'an object',
    union: 'an object with selection, one of',
    list: 'a list',
    file: 'a file',
  }[field.type]
  if (field.type === 'union') return `${kind} ${Object.keys(field.variants).join(', ')}`
  if (field.type === 'select' || field.type === 'multiselect')
    return `${kind} ${Object.keys(field.values).join(', ')}`
  return 'required' in field && field.required ? `${kind}, required` : kind
}
