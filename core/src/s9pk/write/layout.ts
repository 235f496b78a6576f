import {
  type Directory,
  type Entry,
  HEADER_SIZE,
  namesInOrder,
  printTable,
  tableSize,
} from '@startd/base/s9pk/index.ts'
import type { Content } from './content.ts'
import type { SourceTree } from './source-tree.ts'

/**
 * `name`: what a plain packer writes; `priority`: what is wanted first comes first, so that a server can show
 * a package long before it has arrived.
 */
export type Order = 'name' | 'priority'

export type Body = { kind: 'table'; bytes: Uint8Array } | { kind: 'file'; path: string; content: Content }

export interface Layout {
  /** Length of the root table, which follows the header at once. */
  tableSize: number
  /** Length of the whole file. */
  size: number
  bodies: Iterable<Body>
}

const PRIORITY = [
  /^manifest\.json$/,
  /^icon\.[^.]*$/,
  /^LICENSE\.md$/,
  /^instructions\.md$/,
  /^dependencies$/,
  /^javascript\.squashfs$/,
  /^assets\.squashfs$/,
  /^images$/,
]
const KINDS = ['directory', 'file', 'missing']

/** Gives every entry its position, breadth first (s9pk.md §4). Bodies come in file order. */
export function layOut({ root, contents }: SourceTree, order: Order): Layout {
  const start = HEADER_SIZE + tableSize(root)
  const queue: { path: string; entry: Entry }[] = []
  const tables = new Map<Directory, Uint8Array>()
  let next = start
  place(root, '')
  for (const { path, entry } of queue) {
    if (entry.kind === 'directory') place(entry.contents, `${path}/`)
  }
  return { tableSize: start - HEADER_SIZE, size: next, bodies: bodies() }

  function place(directory: Directory, prefix: string): void {
    const names = inOrder(directory, prefix === '' ? order : 'name')
    for (const name of names) {
      const entry = directory.get(name)!
      if (entry.kind === 'missing') continue
      if (entry.kind === 'directory') entry.tableSize = tableSize(entry.contents)
      entry.position = next
      next += entry.kind === 'directory' ? entry.tableSize : entry.size
      queue.push({ path: prefix + name, entry })
    }
    tables.set(directory, printTable(directory, names))
  }

  function* bodies(): Generator<Body> {
    yield { kind: 'table', bytes: tables.get(root)! }
    for (const { path, entry } of queue) {
      if (entry.kind === 'directory') yield { kind: 'table', bytes: tables.get(entry.contents)! }
      else yield { kind: 'file', path, content: contents.get(entry)! }
    }
  }
}

function inOrder(directory: Directory, order: Order): string[] {
  const rank = (name: string) => {
    const priority = order === 'name' ? 0 : PRIORITY.findIndex((pattern) => pattern.test(name))
    return [KINDS.indexOf(directory.get(name)!.kind), priority < 0 ? PRIORITY.length : priority] as const
  }
  // The sort is stable, so equal ranks keep the order of names. Missing entries have no priority.
  return namesInOrder(directory)
    .map((name) => ({ name, rank: directory.get(name)!.kind === 'missing' ? ([2, 0] as const) : rank(name) }))
    .sort((a, b) => a.rank[0] - b.rank[0] || a.rank[1] - b.rank[1])
    .map(({ name }) => name)
}
