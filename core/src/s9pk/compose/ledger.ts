import type { ComposeDocument } from './source/document.ts'
import { type Path, printPath } from './source/place.ts'
import { isRecord } from './source/plain.ts'

/**
 * `problem`: the service will not work as it was until its author does something. `changed`: carried, in
 * another way. `left`: not carried, and what that means. `none`: not carried, with no effect here.
 */
export type Weight = 'problem' | 'changed' | 'left' | 'none'

/** What became of one value of the compose file that was not simply carried. */
export interface Finding {
  weight: Weight
  key: string
  line: number | null
  /** What it means for the package, and what can be done. */
  meaning: string
}

/** Keeps account of every value of a compose file: each is used or listed, none is dropped in silence. */
export class Ledger {
  readonly document: ComposeDocument
  readonly findings: Finding[] = []
  readonly #covered = new Set<string>()

  constructor(document: ComposeDocument) {
    this.document = document
  }

  /** Everything at and below `path` is part of the package. */
  use(path: Path): void {
    this.#covered.add(keyOf(path))
  }

  /** The same for a mapping of which only these keys are known; others are left for the list of unknown ones. */
  useKeys(path: Path, value: unknown, known: readonly string[]): void {
    if (!isRecord(value) || Object.keys(value).length === 0) return this.use(path)
    for (const key of Object.keys(value))
      if (known.includes(key) || key.startsWith('x-')) this.use([...path, key])
  }

  /** Tells what becomes of everything at and below `path`. */
  list(weight: Weight, path: Path, meaning: string): void {
    this.use(path)
    const { key, line } = this.document.place(path)
    if (!this.findings.some((finding) => finding.key === key && finding.meaning === meaning))
      this.findings.push({ weight, key, line, meaning })
  }

  /** Tells something about the whole file. */
  note(weight: Weight, meaning: string): void {
    this.findings.push({ weight, key: '', line: null, meaning })
  }

  isCovered(path: Path): boolean {
    return path.some((_, i) => this.#covered.has(keyOf(path.slice(0, i + 1))))
  }

  /** The values below `path` that nobody has used or listed. */
  uncovered(value: unknown, path: Path = []): Path[] {
    if (path.length > 0 && this.#covered.has(keyOf(path))) return []
    const entries: [string | number, unknown][] = Array.isArray(value)
      ? value.map((item, i) => [i, item])
      : typeof value === 'object' && value !== null
        ? Object.entries(value)
        : []
    if (entries.length === 0) return path.length === 0 ? [] : [path]
    return entries.flatMap(([part, inner]) => this.uncovered(inner, [...path, part]))
  }
}

function keyOf(path: Path): string {
  return printPath(path)
}
