import type { CliShape } from '@startd/base/rpc/method.ts'
import { stringify } from 'yaml'

export const FORMATS = ['table', 'json', 'json-pretty', 'yaml'] as const
export type Format = (typeof FORMATS)[number]

/** What a table shows of a result: `rows` is the member that holds its lines. */
export type TableShape = Pick<CliShape, 'rows' | 'units'>

/** A result as text, without the last line end; empty for a method that has nothing to say. */
export function render(
  result: unknown,
  format: Format | null,
  columns: readonly string[] | null,
  { rows, units = {} }: TableShape = {},
): string {
  if (format === null && (result === null || result === undefined)) return ''
  if (format === null && typeof result === 'string') return result
  const chosen: Format = format ?? (columns ? 'table' : 'json-pretty')
  switch (chosen) {
    case 'json':
      return JSON.stringify(result)
    case 'json-pretty':
      return JSON.stringify(result, null, 2)
    case 'yaml':
      return stringify(result).trimEnd()
    case 'table':
      return table(rows !== undefined && isRow(result) ? result[rows] : result, columns, units)
    default:
      return chosen satisfies never
  }
}

type Row = Record<string, unknown>
type Units = Readonly<Record<string, string>>

function table(result: unknown, columns: readonly string[] | null, units: Units): string {
  if (isRow(result) && columns?.every((column) => column in result)) {
    return pairs(Object.fromEntries(columns.map((column) => [column, result[column]])))
  }
  const rows = rowsOf(result)
  if (rows === null) return isRow(result) ? pairs(result) : text(result)
  const names = columns ?? [...new Set(rows.flatMap((row) => Object.keys(row)))]
  if (rows.length === 0) return 'none'
  const heads = names.map((name) => title(name) + (name in units ? ` (${units[name]})` : ''))
  const lines = [heads, ...rows.map((row) => names.map((name) => text(row[name])))]
  const widths = names.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)))
  const width = process.stdout.isTTY ? process.stdout.columns : Infinity
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .map((line) => (line.length > width ? `${line.slice(0, width - 1)}…` : line))
    .join('\n')
}

/** The list inside a result: itself, or a map whose keys become the column `id`. */
function rowsOf(result: unknown): Row[] | null {
  if (Array.isArray(result)) return result.every(isRow) ? result : null
  if (!isRow(result)) return null
  if (!Object.values(result).every((value) => value === null || isRow(value))) return null
  return Object.entries(result).map(([id, value]) => ({ id, ...(value as Row | null) }))
}

/** One thing: a line for each of its members, nested ones with their path. */
function pairs(row: Row): string {
  const flat = flatten(row, '')
  const width = Math.max(0, ...flat.map(([name]) => name.length))
  return flat.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n')
}

function flatten(row: Row, path: string): [string, string][] {
  return Object.entries(row).flatMap(([key, value]) =>
    isRow(value)
      ? flatten(value, `${path}${title(key)} / `)
      : [[`${path}${title(key)}`, text(value)] as [string, string]],
  )
}

function text(value: unknown): string {
  if (value === null || value === undefined) return '-'
  return (typeof value === 'object' ? JSON.stringify(value) : String(value)).replaceAll('\n', ' ')
}

/** `lastActive` and `memory_usage` → `LAST ACTIVE`, `MEMORY USAGE`. */
function title(name: string): string {
  return name
    .replace(/[A-Z]/g, (letter) => ` ${letter}`)
    .replaceAll('_', ' ')
    .toUpperCase()
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
