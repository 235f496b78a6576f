import { cut, manyLines, oneLine, pad, type Terminal, type Tone, widthOf } from './style.ts'

/** A value as it is shown, in a tone where it matters. */
export type Cell = string | { text: string; tone: Tone }

export interface Column {
  head: string
  /** Numbers stand at the right. */
  right?: boolean
  /** Never cut, because it is copied into other commands. */
  whole?: boolean
}

/** What a view is made of: a table, names with their values, or text. */
export type Block =
  | {
      kind: 'table'
      title?: string
      columns: readonly Column[]
      rows: readonly (readonly Cell[])[]
      none?: string
    }
  | { kind: 'facts'; title?: string; facts: readonly (readonly [string, Cell])[] }
  | { kind: 'text'; text: string }

const GAP = 2
/** A column is not made narrower than this. */
const NARROWEST = 6

/** Blocks as text for a terminal, without the last line end. */
export function layout(blocks: readonly Block[], terminal: Terminal): string {
  return blocks.map((block) => draw(block, terminal).join('\n')).join('\n\n')
}

function draw(block: Block, terminal: Terminal): string[] {
  // What goes into a file stays as it is.
  if (block.kind === 'text') return [terminal.width === Infinity ? block.text : manyLines(block.text)]
  const title = block.title === undefined ? [] : [terminal.paint(cut(block.title, terminal.width), 'head')]
  if (block.kind === 'facts') return [...title, ...facts(block.facts, terminal)]
  if (block.rows.length === 0) return [...title, terminal.paint(block.none ?? 'none', 'quiet')]
  return [...title, ...table(block.columns, block.rows, terminal)]
}

function facts(all: readonly (readonly [string, Cell])[], terminal: Terminal): string[] {
  const width = Math.max(0, ...all.map(([name]) => widthOf(name)))
  const indent = ' '.repeat(width + GAP)
  const room = Math.max(NARROWEST, terminal.width - indent.length)
  return all.flatMap(([name, cell]) =>
    wrap(textOf(cell), room).map((line, at) => {
      const shown = typeof cell === 'string' ? line : terminal.paint(line, cell.tone)
      return `${at === 0 ? terminal.paint(pad(name, width), 'quiet') + ' '.repeat(GAP) : indent}${shown}`.trimEnd()
    }),
  )
}

/** Breaks a long text between its words, and a word that is too long anywhere. */
export function wrap(text: string, width: number): string[] {
  if (widthOf(text) <= width) return [text]
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const joined = line === '' ? word : `${line} ${word}`
    if (widthOf(joined) <= width) {
      line = joined
      continue
    }
    if (line !== '') lines.push(line)
    line = word
    while (widthOf(line) > width) {
      const start = cut(line, width + 1).slice(0, -1)
      if (start === '') break
      lines.push(start)
      line = line.slice(start.length)
    }
  }
  return line === '' ? lines : [...lines, line]
}

function table(columns: readonly Column[], rows: readonly (readonly Cell[])[], terminal: Terminal): string[] {
  const wanted = columns.map(({ head }, at) =>
    Math.max(widthOf(head), ...rows.map((row) => widthOf(textOf(row[at] ?? '')))),
  )
  const widths = fit(wanted, columns, terminal.width)
  if (widths === null) return records(columns, rows, terminal)
  const last = columns.length - 1
  const line = (cells: readonly Cell[]) =>
    cells
      .map((cell, at) => {
        const width = widths[at] ?? 0
        const shown = paint(cell, width, terminal)
        const space = ' '.repeat(Math.max(0, width - Math.min(width, widthOf(textOf(cell)))))
        if (columns[at]?.right) return space + shown
        return at === last ? shown : shown + space
      })
      .join(' '.repeat(GAP))
      .trimEnd()
  return [line(columns.map(({ head }) => ({ text: head.toUpperCase(), tone: 'head' }))), ...rows.map(line)]
}

/** Widths that fit into `width`: the widest columns give way first. Null where even that is not enough. */
function fit(wanted: readonly number[], columns: readonly Column[], width: number): number[] | null {
  const widths = [...wanted]
  let over = widths.reduce((sum, each) => sum + each, GAP * (widths.length - 1)) - width
  const mayGive = (at: number) => !columns[at]?.whole && (widths[at] ?? 0) > NARROWEST
  while (over > 0) {
    const giving = [...widths.keys()].filter(mayGive)
    const widest = Math.max(0, ...giving.map((at) => widths[at] ?? 0))
    const at = giving.find((column) => widths[column] === widest)
    if (at === undefined) return null
    widths[at] = widest - 1
    over--
  }
  return widths
}

/** For a terminal that is too narrow for a table: each row as names with their values. */
function records(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  terminal: Terminal,
): string[] {
  return rows.flatMap((row, index) => [
    ...(index === 0 ? [] : ['']),
    ...facts(
      columns.map(({ head }, at) => [head, row[at] ?? ''] as const),
      terminal,
    ),
  ])
}

function paint(cell: Cell, width: number, terminal: Terminal): string {
  const text = cut(textOf(cell), width)
  return typeof cell === 'string' ? text : terminal.paint(text, cell.tone)
}

function textOf(cell: Cell): string {
  return oneLine(typeof cell === 'string' ? cell : cell.text)
}
