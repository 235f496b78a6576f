import { CodedError } from '@startd/base/errors.ts'
import { type TarEntry, readable } from '../tar/entry.ts'
import type { ByteString } from '../tar/header.ts'

/** Everything of a file that is not its name or content. */
export type Attributes = Pick<TarEntry, 'mode' | 'uid' | 'gid' | 'mtime' | 'xattrs'>

/** A file that is no directory; several names of it are the same object. */
export interface Leaf {
  type: 'file' | 'symlink' | 'fifo' | 'device'
  attributes: Attributes
  /** Of a symlink. */
  linkname: ByteString
  size: number
  /** Where the content is: which layer, and which entry of it. */
  layer: number
  index: number
}

export interface Directory {
  type: 'directory'
  attributes: Attributes
  children: Map<ByteString, Child>
}

/** A name in a directory, with the layer that put it there last. */
export interface Child {
  node: Leaf | Directory
  layer: number
}

const MAX_LINKS = 40
const MAX_DEPTH = 512
const MAX_NAME = 255

/** Attributes of a directory that no layer describes. */
const IMPLIED: Attributes = { mode: 0o755, uid: 0, gid: 0, mtime: 0, xattrs: new Map() }

export function emptyDirectory(): Directory {
  return { type: 'directory', attributes: IMPLIED, children: new Map() }
}

/**
 * The names of a path in an archive. A leading slash means nothing there, `.` and `..` are worked out; a path
 * that leads out of the root is refused.
 */
export function partsOf(path: ByteString, what: string): ByteString[] {
  const parts: ByteString[] = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..') {
      if (parts.pop() === undefined) throw refusal(what, path, 'leads out of the root file system')
    } else {
      if (part.length > MAX_NAME) throw refusal(what, path, 'has a name of more than 255 bytes')
      parts.push(part)
    }
  }
  return parts
}

export function refusal(what: string, path: ByteString, how: string): CodedError {
  return new CodedError('Deserialization', `${what}: “${readable(path)}” ${how}`)
}

/**
 * The directory at `parts`. Symlinks on the way are followed inside the root, as a process in the container
 * would see them. Missing directories are made when `layer` is given; else null.
 */
export function directoryAt(
  root: Directory,
  parts: readonly ByteString[],
  what: string,
  layer: number | null,
): Directory | null {
  const path = parts.join('/')
  let trail = [root]
  let links = 0
  // Last name first, because taking from the front of a long list is slow.
  const queue = parts.toReversed()
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (name === '' || name === '.') continue
    if (name === '..') {
      if (trail.length > 1) trail.pop()
      continue
    }
    const at = trail.at(-1) ?? root
    let node = at.children.get(name)?.node
    if (node === undefined) {
      if (layer === null) return null
      node = emptyDirectory()
      at.children.set(name, { node, layer })
    }
    if (node.type === 'directory') {
      trail.push(node)
      if (trail.length > MAX_DEPTH) throw refusal(what, path, 'lies too deep')
    } else if (node.type === 'symlink') {
      if (++links > MAX_LINKS) throw refusal(what, path, 'goes through too many symbolic links')
      if (node.linkname.startsWith('/')) trail = [root]
      queue.push(...node.linkname.split('/').toReversed())
    } else if (layer === null) return null
    else throw refusal(what, path, 'lies below something that is no directory')
  }
  return trail.at(-1) ?? root
}
