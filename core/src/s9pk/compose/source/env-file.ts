/**
 * Reads a file of `NAME=value` lines, as compose does: comments, `export`, single quotes taken literally,
 * double quotes with `\n` and the like. A name without `=` is left out.
 */
export function parseEnvFile(text: string): Map<string, string> {
  const values = new Map<string, string>()
  const lines = text.replaceAll('\r\n', '\n').split('\n')
  for (let i = 0; i < lines.length; i++) {
    const match = /^\s*(?:export\s+)?([\w.-]+)\s*[=:]\s*(.*)$/.exec(lines[i] ?? '')
    if (!match?.[1] || /^\s*#/.test(lines[i] ?? '')) continue
    let raw = match[2] ?? ''
    const quote = raw[0]
    if (quote === '"' || quote === "'") {
      while (!closed(raw, quote) && i + 1 < lines.length) raw += `\n${lines[++i]}`
    }
    values.set(match[1], valueOf(raw))
  }
  return values
}

function closed(raw: string, quote: string): boolean {
  return raw.slice(1).replaceAll(/\\./g, '').includes(quote)
}

const ESCAPES: Record<string, string> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\', $: '$' }

function valueOf(raw: string): string {
  if (raw.startsWith("'")) return raw.slice(1, endOf(raw, "'"))
  if (raw.startsWith('"')) {
    return raw.slice(1, endOf(raw, '"')).replaceAll(/\\(.)/g, (all, char: string) => ESCAPES[char] ?? all)
  }
  return raw.replace(/\s+#.*$/, '').trim()
}

function endOf(raw: string, quote: string): number {
  for (let at = 1; at < raw.length; at++) {
    if (raw[at] === '\\' && quote === '"') at++
    else if (raw[at] === quote) return at
  }
  return raw.length
}
