import { resolve } from 'node:path'
import { type Directory, walk } from '@startd/base/s9pk/index.ts'
import { openS9pkFile } from '../file-source.ts'
import { writeArchive } from '../write/index.ts'
import { layOut } from '../write/layout.ts'
import { treeOfArchive } from '../write/source-tree.ts'

export interface ConvertOptions {
  onProgress?: (written: number, total: number) => void
  signal?: AbortSignal | undefined
}

/**
 * `s9pk convert`: brings a package, in place, into the order in which servers want it; its signature holds. Answers
 * whether there was anything to do. Packages of version 1 are refused: their code is made for another system.
 */
export async function convert(path: string, options: ConvertOptions = {}): Promise<boolean> {
  await using file = await openS9pkFile(path)
  const { archive } = file.s9pk
  const tree = treeOfArchive(archive, path)
  const { size } = layOut(tree, 'priority')
  if (size === file.size && positionsOf(tree.root) === positionsOf(archive.root)) return false
  const { onProgress, signal } = options
  const progress = onProgress ? { onProgress } : {}
  await writeArchive(tree, resolve(path), { signer: { keep: archive.header }, signal, ...progress })
  return true
}

function positionsOf(root: Directory): string {
  return JSON.stringify(
    [...walk(root)].map(([path, entry]) => [path, entry.kind !== 'missing' && entry.position]),
  )
}
