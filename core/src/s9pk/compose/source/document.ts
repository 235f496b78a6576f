import { type Document, LineCounter, isAlias, isMap, isScalar, isSeq, parseAllDocuments, visit } from 'yaml'
import type { CodedError, ErrorKind } from '@startd/base/errors.ts'
import { type Path, type Place, composeError, printPath } from './place.ts'

/** A longer file is not a compose file. */
export const MAX_BYTES = 1024 * 1024
/** Nodes that aliases may blow a document up to (a “YAML bomb” grows exponentially). */
const MAX_ALIASES = 1000
const MAX_DEPTH = 64

/** A compose file, read: plain values, and where each stands. */
export interface ComposeDocument {
  readonly file: string
  readonly value: unknown
  /** Place of the nearest value on the way to `path` that is written in this file. */
  place(path: Path): Place
  error(kind: ErrorKind, path: Path, what: string): CodedError
}

/**
 * Reads YAML 1.2 with merge keys and anchors. Numbers stay as they are written (`0755`, `1.10`), because
 * most of them are texts to compose. Throws Deserialization with the line of what is wrong.
 */
export function parseDocument(file: string, text: string): ComposeDocument {
  const whole: Place = { file, line: null, key: '' }
  if (Buffer.byteLength(text) > MAX_BYTES) throw tooLong(file)
  const lines = new LineCounter()
  const [document, second] = parseAllDocuments(text, { merge: true, lineCounter: lines, prettyErrors: false })
  if (!document || !('contents' in document)) throw composeError('Deserialization', whole, 'is empty')
  if (second) throw composeError('Deserialization', whole, 'holds several YAML documents; keep one')
  const [wrong] = [...document.errors, ...document.warnings]
  if (wrong) {
    const line = lines.linePos(wrong.pos[0]).line
    throw composeError('Deserialization', { ...whole, line }, `not YAML: ${wrong.message}`, wrong)
  }
  const place = (path: Path): Place => ({ file, line: lineOf(document, lines, path), key: printPath(path) })
  checkDepth(document, whole)
  keepNumbersAsWritten(document)
  const value = valueOf(document, whole)
  return { file, value, place, error: (kind, path, what) => composeError(kind, place(path), what) }
}

/** Said before the whole of it is read. */
export function tooLong(file: string): CodedError {
  const place = { file, line: null, key: '' }
  return composeError('Deserialization', place, 'is over 1 MiB, which no compose file is')
}

function valueOf(document: Document, whole: Place): unknown {
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES }) as unknown
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    const what = /excessive alias/i.test(message)
      ? 'its aliases (*name) repeat each other so often that reading it is refused'
      : `not YAML: ${message}`
    throw composeError('Deserialization', whole, what, cause)
  }
}

function checkDepth(document: Document, whole: Place): void {
  visit(document, {
    Collection(_key, _node, ancestors) {
      if (ancestors.length > 2 * MAX_DEPTH)
        throw composeError('Deserialization', whole, `is nested deeper than ${MAX_DEPTH} levels`)
    },
  })
}

function keepNumbersAsWritten(document: Document): void {
  visit(document, {
    Scalar(_key, node) {
      if (typeof node.value === 'number' || typeof node.value === 'bigint')
        node.value = node.source ?? String(node.value)
    },
  })
}

/** Line of the last part of `path` that is written; merged and inherited values have none of their own. */
function lineOf(document: Document, lines: LineCounter, path: Path): number | null {
  let node: unknown = document.contents
  let offset: number | null = null
  for (const part of path) {
    if (isAlias(node)) node = node.resolve(document)
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(part))
      if (!pair) break
      offset = (pair.key as { range?: [number, number, number] | null }).range?.[0] ?? offset
      node = pair.value
    } else if (isSeq(node)) {
      node = node.items[Number(part)]
      offset = (node as { range?: [number, number, number] | null } | undefined)?.range?.[0] ?? offset
    } else break
  }
  return offset === null ? null : lines.linePos(offset).line
}
