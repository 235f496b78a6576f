import type { Manifest } from '@startd/base/manifest.ts'
import { type Commitment, walk } from '@startd/base/s9pk/index.ts'
import { openS9pkFile } from '../file-source.ts'

/** `s9pk inspect file-tree`: every path of the package; directories end in a slash. */
export async function fileTree(path: string): Promise<string[]> {
  await using file = await openS9pkFile(path)
  const present = [...walk(file.s9pk.archive.root)].filter(([, { kind }]) => kind !== 'missing')
  return present.map(([name, { kind }]) => (kind === 'directory' ? `${name}/` : name))
}

/** `s9pk inspect cat`: the content of one file; throws at the end when it does not match its hash. */
export async function* cat(path: string, member: string): AsyncGenerator<Uint8Array> {
  await using file = await openS9pkFile(path)
  yield* file.s9pk.stream(member)
}

/** `s9pk inspect manifest`. */
export async function manifest(path: string): Promise<Manifest> {
  await using file = await openS9pkFile(path)
  return file.s9pk.manifest
}

/** `s9pk inspect commitment`. */
export async function commitment(path: string): Promise<Commitment> {
  await using file = await openS9pkFile(path)
  return file.s9pk.commitment
}
