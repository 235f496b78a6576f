import { type Archive, expectedFiles } from '@startd/base/s9pk/index.ts'
import type { Manifest } from '@startd/base/manifest.ts'
import { type SourceTree, filterTree, treeOfArchive } from './source-tree.ts'

export { type WriteOptions, writeArchive } from './file.ts'
export type { Order } from './layout.ts'
export { type PrintOptions, printArchive } from './print.ts'
export type { Signer } from './signing.ts'

/** The tree of an archive without what a machine of `arch` does not need; it keeps its signature. */
export function filterArchitecture(archive: Archive, manifest: Manifest, arch: string): SourceTree {
  return filterTree(treeOfArchive(archive), expectedFiles(manifest, archive.root, arch))
}
