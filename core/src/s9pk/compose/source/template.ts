/** A text with variables in it, as compose files have them: `postgres://${DB_USER:-app}@db`. */
export type Template = readonly Piece[]
export type Piece = string | Reference

/**
 * `${NAME}`, and what stands in its place: a fallback when it has no value (`:-`), a text when it has one
 * (`:+`), or a complaint (`:?`).
 */
export interface Reference {
  readonly name: string
  readonly fallback: Template | null
  readonly alternate: Template | null
  /** What is said when it has no value; null where it may have none. */
  readonly required: string | null
}

export class TemplateError extends Error {}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*/
const MAX_NESTING = 16

/** Reads a text with variables. `$$` is a dollar sign. Throws {@link TemplateError}. */
export function parseTemplate(text: string): Template {
  const reader = { text, at: 0 }
  return readPieces(reader, 0)
}

interface Reader {
  readonly text: string
  at: number
}

function readPieces(reader: Reader, nesting: number): Template {
  if (nesting > MAX_NESTING) throw new TemplateError('variables are nested too deeply')
  const pieces: Piece[] = []
  let plain = ''
  const flush = () => {
    if (plain !== '') pieces.push(plain)
    plain = ''
  }
  for (; reader.at < reader.text.length;) {
    const rest = reader.text.slice(reader.at)
    if (nesting > 0 && rest.startsWith('}')) break
    if (rest.startsWith('$$')) {
      plain += '$'
      reader.at += 2
    } else if (rest.startsWith('${')) {
      flush()
      reader.at += 2
      pieces.push(readBraced(reader, nesting))
    } else if (rest.startsWith('$') && NAME.test(rest.slice(1))) {
      flush()
      const name = nameAt(rest.slice(1))
      reader.at += 1 + name.length
      pieces.push({ name, fallback: null, alternate: null, required: null })
    } else {
      plain += rest[0] ?? ''
      reader.at += 1
    }
  }
  flush()
  return pieces
}

function readBraced(reader: Reader, nesting: number): Reference {
  const name = nameAt(reader.text.slice(reader.at))
  if (name === '') throw new TemplateError('${ must be followed by the name of a variable')
  reader.at += name.length
  const reference = { name, fallback: null, alternate: null, required: null }
  const operator = /^(:?[-+?])/.exec(reader.text.slice(reader.at))?.[1] ?? ''
  reader.at += operator.length
  const content = operator === '' ? [] : readPieces(reader, nesting + 1)
  if (reader.text[reader.at] !== '}') throw new TemplateError(`\${${name} is not closed with }`)
  reader.at += 1
  switch (operator.at(-1)) {
    case '-':
      return { ...reference, fallback: content }
    case '+':
      return { ...reference, alternate: content }
    case '?':
      return {
        ...reference,
        required: content.map((piece) => (typeof piece === 'string' ? piece : '')).join(''),
      }
    default:
      return reference
  }
}

function nameAt(text: string): string {
  return NAME.exec(text)?.[0] ?? ''
}

/** All variables of a text, those in fallbacks too. */
export function references(template: Template): Reference[] {
  return template.flatMap((piece) =>
    typeof piece === 'string'
      ? []
      : [piece, ...references(piece.fallback ?? []), ...references(piece.alternate ?? [])],
  )
}

/** The text with the variables filled in; those without any value become empty and are named. */
export function fillIn(
  template: Template,
  values: ReadonlyMap<string, string>,
): { text: string; missing: string[] } {
  const missing: string[] = []
  const parts = template.map((piece) => {
    if (typeof piece === 'string') return piece
    const value = values.get(piece.name) ?? ''
    const inner = (other: Template) => {
      const filled = fillIn(other, values)
      missing.push(...filled.missing)
      return filled.text
    }
    if (piece.alternate) return value === '' ? '' : inner(piece.alternate)
    if (value !== '') return value
    if (piece.fallback) return inner(piece.fallback)
    missing.push(piece.name)
    return ''
  })
  return { text: parts.join(''), missing }
}
