import type { TarEntry } from '../tar/entry.ts'
import type { ByteString } from '../tar/header.ts'
import {
  type Attributes,
  type Directory,
  type Leaf,
  directoryAt,
  emptyDirectory,
  partsOf,
  refusal,
} from './tree.ts'

const WHITEOUT = '.wh.'
const OPAQUE = '.wh..wh..opq'
/** Other names with this beginning are notes of an old storage driver. */
const WHITEOUT_NOTE = '.wh..wh.'

/** Where an entry comes from. */
export interface Origin {
  layer: number
  index: number
  /** How messages call the layer. */
  what: string
  /** Whether `.wh.` names take files of lower layers away, as in OCI layers; else they are names like others. */
  whiteouts: boolean
}

/**
 * Puts one entry of a layer into the tree, as unpacking it over the lower layers would (OCI image-spec,
 * layer.md). Nothing is written anywhere.
 */
export function applyEntry(root: Directory, entry: TarEntry, origin: Origin): void {
  const { layer, what } = origin
  const parts = partsOf(entry.path, what)
  const name = parts.pop()
  if (name === undefined) {
    if (entry.type !== 'directory') throw refusal(what, entry.path, 'would replace the root directory')
    root.attributes = attributesOf(entry)
    return
  }
  if (origin.whiteouts) {
    if (parts.some((part) => part.startsWith(WHITEOUT_NOTE))) return
    if (name.startsWith(WHITEOUT)) {
      const parent = directoryAt(root, parts, what, null)
      if (parent !== null) applyWhiteout(parent, name, entry.path, origin)
      return
    }
  }
  const leaf = entry.type === 'directory' ? null : leafOf(root, entry, origin)
  const { children } = directoryAt(root, parts, what, layer) ?? emptyDirectory()
  if (leaf !== null) {
    children.set(name, { node: leaf, layer })
    return
  }
  const before = children.get(name)?.node
  const node = before?.type === 'directory' ? before : emptyDirectory()
  node.attributes = attributesOf(entry)
  children.set(name, { node, layer })
}

function applyWhiteout(parent: Directory, name: ByteString, path: ByteString, { layer, what }: Origin): void {
  if (name === OPAQUE) {
    for (const child of parent.children.keys()) removeLower(parent, child, layer)
    return
  }
  if (name.startsWith(WHITEOUT_NOTE)) return
  const hidden = name.slice(WHITEOUT.length)
  if (hidden === '' || hidden === '.' || hidden === '..')
    throw refusal(what, path, 'hides nothing that can be')
  removeLower(parent, hidden, layer)
}

/** Removes what lower layers have put at a name; a directory stays when this layer has put something into it. */
function removeLower(parent: Directory, name: ByteString, layer: number): void {
  const child = parent.children.get(name)
  if (child === undefined) return
  if (child.node.type === 'directory') {
    for (const inner of child.node.children.keys()) removeLower(child.node, inner, layer)
    if (child.node.children.size > 0) return
  }
  if (child.layer < layer) parent.children.delete(name)
}

function leafOf(root: Directory, entry: TarEntry, { layer, index, what }: Origin): Leaf {
  const { type, size, linkname } = entry
  if (type === 'link') return linked(root, entry, what)
  if (type === 'directory') throw refusal(what, entry.path, 'is a directory')
  if (type === 'symlink' && (linkname === '' || linkname.length > 4095)) {
    throw refusal(what, entry.path, 'is a symbolic link to nowhere')
  }
  return { type, attributes: attributesOf(entry), linkname, size, layer, index }
}

/** What the other name of a hard link stands for at this moment. */
function linked(root: Directory, { path, linkname }: TarEntry, what: string): Leaf {
  const parts = partsOf(linkname, what)
  const name = parts.pop()
  const node = name === undefined ? root : directoryAt(root, parts, what, null)?.children.get(name)?.node
  if (node === undefined) throw refusal(what, path, `is a hard link to “${linkname}”, which is not there`)
  if (node.type === 'directory') throw refusal(what, path, 'is a hard link to a directory')
  return node
}

function attributesOf({ mode, uid, gid, mtime, xattrs }: TarEntry): Attributes {
  return { mode, uid, gid, mtime, xattrs: keptXattrs(xattrs) }
}

/**
 * Capabilities of programs and what applications note in `user.` stay. The rest means nothing elsewhere, or
 * would steer the overlay that the image is mounted in.
 */
function keptXattrs(xattrs: TarEntry['xattrs']): TarEntry['xattrs'] {
  if (xattrs.size === 0) return xattrs
  const kept = [...xattrs].filter(
    ([name]) =>
      name === 'security.capability' || (name.startsWith('user.') && !name.startsWith('user.overlay.')),
  )
  return new Map(kept.sort(([a], [b]) => (a < b ? -1 : 1)))
}
