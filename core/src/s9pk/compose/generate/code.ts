/** TypeScript to be written, laid out as the formatter of this project would. */
export type Code =
  | string
  | { kind: 'object'; entries: (readonly [key: string, value: Code] | { raw: string })[] }
  | { kind: 'array'; items: Code[] }

const WIDTH = 110

export function object(entries: (readonly [string, Code] | null)[]): Code {
  return { kind: 'object', entries: entries.filter((entry) => entry !== null) }
}

export function array(items: Code[]): Code {
  return { kind: 'array', items }
}

/** A text as a literal. */
export function quoted(text: string): string {
  if (/[\n\r]/.test(text) && !/[`\\]|\$\{/.test(text)) return JSON.stringify(text)
  const simple = !text.includes("'") || text.includes('"')
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t')
  const safe = escaped.replaceAll(
    /[\0-\x08\x0b\x0c\x0e-\x1f\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  return simple ? `'${safe.replaceAll("'", "\\'")}'` : `"${safe}"`
}

/** A text inside of a comment, which it must not end. */
export function comment(text: string): string {
  return text.replaceAll('*/', '* /').replaceAll(/\s+/g, ' ')
}

/** Name of a property; quoted only where it must be. */
export function key(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : quoted(name)
}

/** Prints code that begins at `column` in a line indented by `indent`. */
export function print(code: Code, indent = 0, column = indent): string {
  if (typeof code === 'string') return code
  const flat = inline(code)
  if (column + flat.length <= WIDTH && !flat.includes('\n')) return flat
  const inner = ' '.repeat(indent + 2)
  const end = ' '.repeat(indent)
  if (code.kind === 'array') {
    const items = code.items.map((item) => `${inner}${print(item, indent + 2)},\n`)
    return `[\n${items.join('')}${end}]`
  }
  const lines = code.entries.map((entry) => {
    if ('raw' in entry) return `${inner}${entry.raw},\n`
    const [name, value] = entry
    if (value === name) return `${inner}${name},\n`
    const head = `${key(name)}: `
    return `${inner}${head}${print(value, indent + 2, indent + 2 + head.length)},\n`
  })
  return `{\n${lines.join('')}${end}}`
}

function inline(code: Code): string {
  if (typeof code === 'string') return code
  if (code.kind === 'array') return `[${code.items.map(inline).join(', ')}]`
  if (code.entries.length === 0) return '{}'
  const entries = code.entries.map((entry) => {
    if ('raw' in entry) return entry.raw
    const [name, value] = entry
    return value === name ? name : `${key(name)}: ${inline(value)}`
  })
  return `{ ${entries.join(', ')} }`
}

/** A call on a line of its own, over several lines where it is too long for one. */
export function call(head: string, args: readonly string[], indent: number, tail = ''): string {
  const flat = `${' '.repeat(indent)}${head}(${args.join(', ')})${tail}`
  if (flat.length <= WIDTH) return `${flat}\n`
  const inner = args.map((arg) => `${' '.repeat(indent + 2)}${arg},\n`)
  return `${' '.repeat(indent)}${head}(\n${inner.join('')}${' '.repeat(indent)})${tail}\n`
}

/** `import { a, b } from './x.ts'`, sorted; types after values. */
export function imports(names: readonly string[], from: string): string {
  const bare = (name: string) => name.replace('type ', '')
  const sorted = [...new Set(names)].sort((a, b) => (bare(a) < bare(b) ? -1 : 1))
  if (sorted.every((name) => name.startsWith('type ')))
    return `import type { ${sorted.map(bare).join(', ')} } from ${quoted(from)}\n`
  return `import { ${sorted.join(', ')} } from ${quoted(from)}\n`
}
