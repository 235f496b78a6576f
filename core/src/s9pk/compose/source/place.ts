import { CodedError, type ErrorKind } from '@startd/base/errors.ts'

/** The way to a value of a compose file: `['services', 'web', 'ports', 0]`. */
export type Path = readonly (string | number)[]

/** Where something stands, as a person finds it again. */
export interface Place {
  file: string
  /** 1-based; null where a whole file is meant. */
  line: number | null
  /** `services.web.ports[0]`; empty for the whole file. */
  key: string
}

export function printPath(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`
    return text === '' ? part : `${text}.${part}`
  }, '')
}

/** An error that names file, line and key; the same three are in its `info`. */
export function composeError(
  kind: ErrorKind,
  { file, line, key }: Place,
  what: string,
  cause?: unknown,
): CodedError {
  const where = [`${file}${line === null ? '' : `, line ${line}`}`, key].filter(Boolean).join(': ')
  const info = { file, line, key }
  return new CodedError(kind, `${where}: ${what}`, cause === undefined ? { info } : { cause, info })
}
