import type { z } from 'zod'
import type { ComposeDocument } from '../source/document.ts'
import type { Path } from '../source/place.ts'

const NAMES: Record<string, string> = {
  string: 'a text',
  array: 'a list',
  object: 'a mapping (key: value)',
  record: 'a mapping (key: value)',
  boolean: 'true or false',
  null: 'empty',
  map: 'a mapping (key: value)',
}

/** Checks a part of a compose file. What does not fit is an error that names its line and key. */
export function parsePart<S extends z.ZodType>(
  document: ComposeDocument,
  path: Path,
  schema: S,
  value: unknown,
): z.output<S> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  const { path: inner, message } = deepest(issue, value)
  throw document.error('Deserialization', [...path, ...inner], message)
}

/** Of a choice of shapes, the complaint that got furthest is the one that its author can use. */
function deepest(issue: z.core.$ZodIssue | undefined, value: unknown): { path: Path; message: string } {
  if (!issue) return { path: [], message: 'is not valid' }
  const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)))
  const found = path.reduce<unknown>(
    (at, part) => (typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[part] : undefined),
    value,
  )
  if (issue.code === 'invalid_union') {
    const inner = issue.errors
      .flatMap((issues) => issues.slice(0, 1))
      .map((one) => deepest(one, found))
      .sort((a, b) => b.path.length - a.path.length)
    const [best] = inner
    if (best && best.path.length > 0) return { path: [...path, ...best.path], message: best.message }
    const wanted = [...new Set(inner.map(({ message }) => message.replace(/^must be |, not .*$/g, '')))]
    return { path, message: `must be ${wanted.join(' or ')}, not ${kindOf(found)}` }
  }
  if (issue.code === 'invalid_type') {
    return { path, message: `must be ${NAMES[issue.expected] ?? issue.expected}, not ${kindOf(found)}` }
  }
  if (issue.code === 'invalid_value')
    return { path, message: `must be ${issue.values.map(String).join(', ')}, not ${kindOf(found)}` }
  return { path, message: issue.message }
}

function kindOf(value: unknown): string {
  if (value === null) return 'empty'
  if (value === undefined) return 'missing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a mapping'
  return `“${String(value as string)}”`
}
