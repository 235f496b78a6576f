import { execa } from 'execa'
import { CodedError } from '@startd/base/errors.ts'
import { type Manifest, parseManifest } from '@startd/base/manifest.ts'
import { errnoOf } from '../file-error.ts'
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
  const manifest = parseManifest(await applyJq(expression, file.s9pk.manifest, options.signal))
  await rewrite(file, treeOfArchive(file.s9pk.archive, path), manifest, options)
  return manifest
}

async function applyJq(expression: string, input: unknown, signal?: AbortSignal): Promise<unknown> {
  // In brackets, so that it cannot be taken for a flag.
  const result = await execa('jq', ['--compact-output', `(${expression}\n)`], {
    input: JSON.stringify(input),
    reject: false,
    ...(signal && { cancelSignal: signal }),
  })
  if (errnoOf(result.cause) === 'ENOENT' || result.code === 'ENOENT') {
    const text = 'jq is not installed, which applies the expression; on Debian: apt-get install jq'
    throw new CodedError('InvalidRequest', text, { cause: result })
  }
  if (result.failed) throw new CodedError('InvalidRequest', result.stderr.trim() || 'jq failed')
  const lines = result.stdout.split('\n').filter((line) => line !== '')
  const [only] = lines
  if (only === undefined || lines.length > 1) {
    const text = `the expression gives ${lines.length} results; it must give the whole manifest, such as: .title = "New"`
    throw new CodedError('InvalidRequest', text)
  }
  return JSON.parse(only)
}
