import type { CliShape } from '@startd/base/rpc/method.ts'
import type { Block, Cell, Column } from './blocks.ts'
import { bytes, isTime, mebibytes, time, words } from './human.ts'

/** What a table shows of a result: `rows` is the member that holds its lines. */
export type TableShape = Pick<CliShape, 'rows' | 'units'>

type Row = Record<string, unknown>
type Units = Readonly<Record<string, string>>

/** A view of any result: a table of a list, names and values of one thing, or the text itself. */
export function genericView(
  result: unknown,
  columns: readonly string[] | null,
  { rows: member, units = {} }: TableShape = {},
): Block[] {
  const value = member !== undefined && isRow(result) ? result[member] : result
  const one = isRow(value)
  if (one && columns?.every((column) => column in value)) {
    return [facts(Object.fromEntries(columns.map((column) => [column, value[column]])), units)]
  }
  const rows = rowsOf(value, columns)
  if (rows !== null) return [table(rows, columns, units)]
  return [one ? facts(value, units) : { kind: 'text', text: plain(value) }]
}

function table(rows: Row[], names: readonly string[] | null, units: Units): Block {
  const shown = names ?? [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const columns = shown.map((name): Column => ({
    head: head(name, units),
    right: rows.some((row) => typeof row[name] === 'number'),
    whole: name === 'id',
  }))
  return {
    kind: 'table',
    columns,
    rows: rows.map((row) => shown.map((name) => cell(row[name], units[name]))),
  }
}

/** The list inside a result: itself, or a map whose keys become the first column. */
function rowsOf(value: unknown, columns: readonly string[] | null): Row[] | null {
  if (Array.isArray(value)) return value.every(isRow) ? value : null
  if (!isRow(value)) return null
  const entries = Object.entries(value)
  if (entries.every(([, member]) => member === null || isRow(member)))
    return entries.map(([id, member]) => ({ id, ...(member as Row | null) }))
  const [key, content] = columns ?? []
  if (columns?.length !== 2 || key === undefined || content === undefined) return null
  return entries.map(([name, member]) => ({ [key]: name, [content]: member }))
}

/** One thing: a line for each of its members, nested ones with their path. */
function facts(row: Row, units: Units): Block {
  return { kind: 'facts', facts: flatten(row, '', units) }
}

function flatten(row: Row, path: string, units: Units): [string, Cell][] {
  return Object.entries(row).flatMap(([key, value]) => {
    const name = `${path}${path === '' ? '' : ' '}${words(key)}`
    if (isRow(value) && !isLeaf(value)) return flatten(value, name, units)
    return [[name, cell(value, units[key])] as [string, Cell]]
  })
}

/** A value for a person; `unit` is what a number counts. */
export function cell(value: unknown, unit?: string): Cell {
  if (value === null || value === undefined || value === '') return { text: '-', tone: 'quiet' }
  if (typeof value === 'boolean') return value ? 'yes' : { text: 'no', tone: 'quiet' }
  if (typeof value === 'number') return amount(value, unit)
  return plain(value)
}

function amount(value: number, unit: string | undefined): string {
  if (unit === 'bytes') return bytes(value)
  if (unit === 'MiB') return mebibytes(value)
  return unit === undefined ? String(value) : `${value} ${unit}`
}

function plain(value: unknown): string {
  if (typeof value === 'string') return isTime(value) ? time(value) : value
  if (Array.isArray(value)) return value.length === 0 ? '-' : value.map(plain).join(', ')
  if (!isRow(value)) return String(value)
  if (isLeaf(value)) return `${value.value} ${value.unit}`
  return Object.entries(value)
    .map(([key, member]) => `${words(key)}: ${plain(member)}`)
    .join('; ')
}

/** A measured value of the server. */
function isLeaf(row: Row): row is { value: string; unit: string } {
  return Object.keys(row).length === 2 && typeof row['value'] === 'string' && typeof row['unit'] === 'string'
}

function head(name: string, units: Units): string {
  const unit = units[name]
  return words(name) + (unit === undefined || unit === 'bytes' || unit === 'MiB' ? '' : ` (${unit})`)
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
