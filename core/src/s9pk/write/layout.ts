import {
  type Directory,
  type Entry,
  type FileEntry,
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

/** A table of contents; printed when it is asked for, as it has the hashes of all that it lists. */
export interface TableBody {
  kind: 'table'
  position: number
  readonly bytes: Uint8Array
}

export interface FileBody {
  kind: 'file'
  path: string
  entry: FileEntry
  content: Content
}

export type Body = TableBody | FileBody

export interface Layout {
  /** Length of the root table, which follows the header at once. */
  tableSize: number
  /** Length of the whole file. */
  size: number
  /** All that follows the header, in the order of the file. */
  bodies: Body[]
}

export function filesOf({ bodies }: Layout): FileBody[] {
  return bodies.filter((body) => body.kind === 'file')
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

/** Gives every entry its position, breadth first (s9pk.md §4). Needs sizes only, no hashes. */
export function layOut({ root, contents }: SourceTree, order: Order): Layout {
  const rootSize = tableSize(root)
  const queue: { path: string; entry: Entry }[] = []
  const bodies: Body[] = []
  let next = HEADER_SIZE + rootSize
  place(root, '', HEADER_SIZE)
  for (const { path, entry } of queue) {
    if (entry.kind === 'directory') place(entry.contents, `${path}/`, entry.position)
    else if (entry.kind === 'file') bodies.push({ kind: 'file', path, entry, content: contents.get(entry)! })
  }
  return { tableSize: rootSize, size: next, bodies }

  function place(directory: Directory, prefix: string, position: number): void {
    const names = inOrder(directory, prefix === '' ? order : 'name')
    bodies.push({
      kind: 'table',
      position,
      get bytes() {
        return printTable(directory, names)
      },
    })
    for (const name of names) {
      const entry = directory.get(name)!
      if (entry.kind === 'missing') continue
      if (entry.kind === 'directory') entry.tableSize = tableSize(entry.contents)
      entry.position = next
      next += entry.kind === 'directory' ? entry.tableSize : entry.size
      queue.push({ path: prefix + name, entry })
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
