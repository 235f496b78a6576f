import type { TarEntry } from '../tar/entry.ts'
import type { ByteString } from '../tar/header.ts'
import type { TarItem } from '../tar/read.ts'
import { tarEnd, tarHeader, tarPadding } from '../tar/write.ts'
import { type Directory, type Leaf, refusal } from './tree.ts'

/** Longest path that Linux takes. */
const MAX_PATH = 4095

/** What is to be taken from one layer: by the number of its entry, the file and all its names. */
export type Wanted = Map<number, { leaf: Leaf; paths: ByteString[] }>

export interface Plan {
  /** Headers of all that has no content, parents before children. */
  bare: TarEntry[]
  wanted: Map<number, Wanted>
  /** Paths of device nodes, which are left out. */
  devices: ByteString[]
  /** Time of the youngest file that is not from the future. */
  latest: number
}

/** Lists what a tree consists of, in the same order for the same tree. */
export function planOf(root: Directory, what: string): Plan {
  const plan: Plan = { bare: [], wanted: new Map(), devices: [], latest: 0 }
  const now = Date.now() / 1000
  const visit = (directory: Directory, prefix: ByteString) => {
    for (const name of [...directory.children.keys()].sort()) {
      const node = directory.children.get(name)?.node
      const path = prefix + name
      if (path.length > MAX_PATH) throw refusal(what, path, 'is a path of more than 4095 bytes')
      if (node === undefined) continue
      const { mtime } = node.attributes
      if (mtime > plan.latest && mtime <= now) plan.latest = mtime
      if (node.type === 'directory') {
        plan.bare.push({ ...bare(path, 'directory'), ...node.attributes })
        visit(node, `${path}/`)
      } else if (node.type === 'file') {
        const wanted = plan.wanted.get(node.layer) ?? new Map<number, { leaf: Leaf; paths: ByteString[] }>()
        plan.wanted.set(node.layer, wanted)
        const known = wanted.get(node.index)
        if (known) known.paths.push(path)
        else wanted.set(node.index, { leaf: node, paths: [path] })
      } else if (node.type === 'device') plan.devices.push(path)
      else plan.bare.push({ ...bare(path, node.type), ...node.attributes, linkname: node.linkname })
    }
  }
  visit(root, '')
  return plan
}

function bare(
  path: ByteString,
  type: TarEntry['type'],
): Omit<TarEntry, 'mode' | 'uid' | 'gid' | 'mtime' | 'xattrs'> {
  return { path, type, size: 0, linkname: '' }
}

/** One tar archive of the whole tree: `layer` reads a layer again for the contents that are wanted of it. */
export async function* emit(
  plan: Plan,
  what: string,
  layer: (number: number) => AsyncGenerator<TarItem>,
): AsyncGenerator<Uint8Array> {
  for (const entry of plan.bare) yield tarHeader(entry)
  for (const [number, wanted] of [...plan.wanted].sort(([a], [b]) => a - b)) {
    let [index, left] = [0, wanted.size]
    for await (const { entry, content } of layer(number)) {
      const found = wanted.get(index++)
      if (found === undefined) continue
      yield* fileOf(found, entry, content(), what)
      // What is left of the layer was seen and checked when the tree was made.
      if (--left === 0) break
    }
    if (left > 0) throw refusal(what, '', 'has changed while it was read')
  }
  yield tarEnd()
}

async function* fileOf(
  { leaf, paths: [path = '', ...others] }: { leaf: Leaf; paths: ByteString[] },
  entry: TarEntry,
  content: AsyncIterable<Uint8Array>,
  what: string,
): AsyncGenerator<Uint8Array> {
  if (entry.size !== leaf.size) throw refusal(what, path, 'has changed while it was read')
  yield tarHeader({ ...bare(path, 'file'), ...leaf.attributes, size: leaf.size })
  yield* content
  yield tarPadding(leaf.size)
  for (const other of others) {
    yield tarHeader({ ...bare(other, 'link'), ...leaf.attributes, linkname: path })
  }
}
