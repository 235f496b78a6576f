import { resolve } from 'node:path'
import { findSigningKey } from '../key-files.ts'
import { type PackOptions, type PackedS9pk, packProject } from '../pack/index.ts'

export interface PackFlags extends Omit<PackOptions, 'seed'> {
  /** Used outside a packaging workspace; default `~/.startos/developer.key.pem`. */
  developerKey?: string
}

/**
 * `s9pk pack`: packs a project and signs it with the build key of its workspace. Outside a workspace the
 * developer key signs, and `onStep` is told so.
 */
export async function pack(project: string, flags: PackFlags = {}): Promise<PackedS9pk> {
  const { developerKey, ...options } = flags
  const key = await findSigningKey(resolve(project), developerKey)
  const whose =
    key.kind === 'build'
      ? 'the build key of this workspace'
      : 'your developer key (this is no packaging workspace)'
  flags.onStep?.(`Signing with ${whose}: ${key.path}`)
  return packProject(project, { ...options, seed: key.seed })
}
