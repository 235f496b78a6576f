import {
  type Archive,
  type Directory,
  type DirectoryEntry,
  type Entry,
  checkName,
  directoryHash,
  lookUp,
  tableSize,
} from '@startd/base/s9pk/index.ts'
import { readChecked } from '@startd/base/s9pk/archive.ts'
import { nativeHash } from '../blake3.ts'
import type { Content } from './content.ts'

const UNKNOWN = new Uint8Array(32)

/** A tree to be written: entries without positions yet, and where each file's content comes from. */
export interface SourceTree {
  root: Directory
  contents: Map<Entry, Content>
}

/** A new tree out of files by path. Directories have no hashes before `seal`. */
export function treeOf(files: ReadonlyMap<string, Content>): SourceTree {
  const tree: SourceTree = { root: new Map(), contents: new Map() }
  for (const [path, content] of files) {
    if (lookUp(tree.root, path)) throw new TypeError(`${path} is there twice`)
    putFile(tree, path, content)
  }
  return tree
}

/** Puts a file into a tree, in place of one that has its path. The tree must be signed anew afterwards. */
export function putFile({ root, contents }: SourceTree, path: string, content: Content): void {
  const names = path.split('/')
  names.forEach(checkName)
  const name = names.pop()!
  const directory = names.reduce(subdirectory, root)
  const present = directory.get(name)
  if (present?.kind === 'directory') throw new TypeError(`${path} is a directory`)
  if (present) contents.delete(present)
  const entry: Entry = { kind: 'file', hash: content.hash ?? UNKNOWN, size: content.size, position: 0 }
  directory.set(name, entry)
  contents.set(entry, content)
}

/**
 * The tree of an opened archive, which keeps its signed hashes and sizes. Where the archive is a file on disk, say
 * where, and its contents are copied without passing through this thread.
 */
export function treeOfArchive(archive: Archive, file?: string): SourceTree {
  const contents = new Map<Entry, Content>()
  return { root: copy(archive.root, ''), contents }

  function copy(directory: Directory, prefix: string): Directory {
    return new Map([...directory].map(([name, entry]) => [name, copyEntry(entry, prefix + name)]))
  }

  function copyEntry(entry: Entry, path: string): Entry {
    if (entry.kind === 'missing') return entry
    if (entry.kind === 'directory') return { ...entry, contents: copy(entry.contents, `${path}/`) }
    const { hash, size, position } = entry
    const copied: Entry = { ...entry }
    const stretch = file === undefined ? {} : { stretch: { path: file, position, identity: null } }
    contents.set(copied, { hash, size, ...stretch, read: () => readChecked(archive, path) })
    return copied
  }
}

/** Leaves out every file that is not in `keep`; the tree stays the one that was signed (s9pk.md §5.4). */
export function filterTree({ root, contents }: SourceTree, keep: ReadonlySet<string>): SourceTree {
  return { root: filter(root, ''), contents }

  function filter(directory: Directory, prefix: string): Directory {
    return new Map([...directory].map(([name, entry]) => [name, filterEntry(entry, prefix + name)]))
  }

  function filterEntry(entry: Entry, path: string): Entry {
    const { hash, size } = entry
    if (entry.kind === 'file') return keep.has(path) ? entry : { kind: 'missing', hash, size }
    if (entry.kind === 'missing') return entry
    const kept = filter(entry.contents, `${path}/`)
    const empty = [...kept.values()].every(({ kind }) => kind === 'missing')
    return empty ? { kind: 'missing', hash, size } : { ...entry, contents: kept }
  }
}

/** Takes files out of a tree, and directories that are empty then. The tree must be signed anew afterwards. */
export function removeFiles({ root, contents }: SourceTree, which: (path: string) => boolean): void {
  remove(root, '')

  function remove(directory: Directory, prefix: string): void {
    for (const [name, entry] of directory) {
      const path = prefix + name
      if (entry.kind === 'directory') {
        remove(entry.contents, `${path}/`)
        if (entry.contents.size === 0) directory.delete(name)
      } else if (which(path)) {
        directory.delete(name)
        contents.delete(entry)
      }
    }
  }
}

function subdirectory(parent: Directory, name: string): Directory {
  const present = parent.get(name)
  if (present?.kind === 'directory') return present.contents
  if (present) throw new TypeError(`${name} is a file and a directory`)
  const entry: DirectoryEntry = {
    kind: 'directory',
    hash: UNKNOWN,
    size: 0,
    position: 0,
    tableSize: 0,
    contents: new Map(),
  }
  parent.set(name, entry)
  return entry.contents
}

/** Computes the hashes and signed sizes of all directories, bottom-up; those of the files must be known. */
export function seal(directory: Directory): void {
  for (const entry of directory.values()) {
    if (entry.kind !== 'directory') continue
    seal(entry.contents)
    entry.hash = directoryHash(entry.contents, nativeHash)
    entry.size = tableSize(entry.contents)
  }
}
