import { type Manifest, parseManifest } from '@startd/base/manifest.ts'
import { runJq } from '../../jq/index.ts'
import { openS9pkFile } from '../file-source.ts'
import { treeOfArchive } from '../write/source-tree.ts'
import { type RewriteOptions, rewrite } from './rewrite.ts'

/** `s9pk edit … manifest`: applies a jq expression to the manifest. Answers with the new one. */
export async function editManifest(
  path: string,
  expression: string,
  options: RewriteOptions = {},
): Promise<Manifest> {
  await using file = await openS9pkFile(path)
  const manifest = parseManifest(await runJq(expression, file.s9pk.manifest))
  await rewrite(file, treeOfArchive(file.s9pk.archive, path), manifest, options)
  return manifest
}
