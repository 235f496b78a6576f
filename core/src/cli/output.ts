import { createRequire } from 'node:module'
import type { MethodName, Result } from '@startd/base/rpc/contract.ts'
import type { CliShape } from '@startd/base/rpc/method.ts'
import type * as Yaml from 'yaml'
import type { Format } from './format.ts'
import { layout } from './show/blocks.ts'
import { genericView, type TableShape } from './show/generic.ts'
import { type Terminal, terminalOf } from './show/style.ts'
import { VIEWS } from './show/views.ts'

export { type Format, FORMATS } from './format.ts'
export type { TableShape } from './show/generic.ts'

/** A result as text, without the last line end; empty for a method that has nothing to say. */
export function render(
  result: unknown,
  format: Format | null,
  columns: readonly string[] | null,
  shape: TableShape = {},
  terminal: Terminal = terminalOf(process.stdout),
): string {
  if (format === null && (result === null || result === undefined)) return ''
  if (format === null && typeof result === 'string') return text(result, terminal)
  const chosen = format ?? (columns ? 'table' : 'json-pretty')
  return chosen === 'table' ? layout(genericView(result, columns, shape), terminal) : asData(result, chosen)
}

/** The result of a method: the view that is made for it, else the table of its contract, else what fits its shape. */
export function renderResult(
  name: MethodName,
  result: unknown,
  format: Format | null,
  shape: CliShape | null,
  terminal: Terminal = terminalOf(process.stdout),
): string {
  if (format !== null && format !== 'table') return asData(result, format)
  const view = VIEWS[name] as ((result: Result<MethodName>) => ReturnType<typeof genericView>) | undefined
  if (view) return layout(view(result as Result<MethodName>), terminal)
  if (result === null || result === undefined) return ''
  if (typeof result === 'string') return text(result, terminal)
  return layout(genericView(result, shape?.table ?? null, shape ?? {}), terminal)
}

function text(result: string, terminal: Terminal): string {
  return layout([{ kind: 'text', text: result }], terminal)
}

function asData(result: unknown, format: Exclude<Format, 'table'>): string {
  switch (format) {
    case 'json':
      return JSON.stringify(result ?? null)
    case 'json-pretty':
      return JSON.stringify(result ?? null, null, 2)
    case 'yaml':
      return yaml()
        .stringify(result ?? null)
        .trimEnd()
    default:
      return format satisfies never
  }
}

/** Loaded when it is needed: few commands do, and every one would wait for it. */
function yaml(): typeof Yaml {
  return createRequire(import.meta.url)('yaml') as typeof Yaml
}
