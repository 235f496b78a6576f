import { resolve } from 'node:path'
import { type Manifest, printManifest } from '@startd/base/manifest.ts'
import { type Commitment, expectedFiles } from '@startd/base/s9pk/index.ts'
import { findSigningKey } from '../key-files.ts'
import type { S9pkFile } from '../file-source.ts'
import { bytesContent } from '../write/content.ts'
import { type SourceTree, putFile } from '../write/source-tree.ts'
import { writeArchive } from '../write/index.ts'
import { storedArches } from './stored-arches.ts'

export interface RewriteOptions {
  /** Used outside a packaging workspace; default `~/.startos/developer.key.pem`. */
  developerKey?: string | undefined
  onProgress?: (written: number, total: number) => void
  signal?: AbortSignal | undefined
}

/** Stores a changed package in place of the opened one, signed anew by the key that signs packages here. */
export async function rewrite(
  file: S9pkFile,
  tree: SourceTree,
  manifest: Manifest,
  { developerKey, onProgress, signal }: RewriteOptions,
): Promise<Commitment> {
  putFile(tree, 'manifest.json', bytesContent(Buffer.from(printManifest(manifest))))
  for (const arch of storedArches(tree.root)) expectedFiles(manifest, tree.root, arch)
  const { seed } = await findSigningKey(process.cwd(), developerKey)
  const progress = onProgress ? { onProgress } : {}
  return writeArchive(tree, resolve(file.path), { signer: { seed }, signal, ...progress })
}
