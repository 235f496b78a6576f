import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { CodedError } from '@startd/base/errors.ts'
import { findSigningKey } from '../key-files.ts'
import { type PackOptions, type PackedS9pk, packProject } from '../pack/index.ts'
import { isThere } from '../pack/ingredients.ts'

/** What the bundler of the SDK leaves beside a bundle. */
const OUR_MARK = '"bundledBy":"@startd/sdk"'

export interface PackFlags extends Omit<PackOptions, 'seed'> {
  /** Used outside a packaging workspace; default `~/.startos/developer.key.pem`. */
  developerKey?: string
}

/**
 * `s9pk pack`: bundles the code of a project, where that is not done by tools of its own, packs the project and signs it with the build key of its workspace. Outside a workspace the
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
  if (options.javascript === undefined && (await isOurs(project))) {
    flags.onStep?.('Bundling the code')
    await bundle(project)
  }
  return packProject(project, { ...options, seed: key.seed })
}

/** Whether the bundle is missing or was made here. One that another tool made is left alone. */
async function isOurs(project: string): Promise<boolean> {
  if (!(await isThere(join(project, 'startos/index.ts')))) return false
  if (!(await isThere(join(project, 'javascript/index.js')))) return true
  return (await readFile(join(project, 'javascript/package.json'), 'utf8').catch(() => '')).includes(OUR_MARK)
}

async function bundle(project: string): Promise<void> {
  const { bundlePackage } = await import('@startd/sdk/build.ts')
  try {
    await bundlePackage(resolve(project))
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause)
    throw new CodedError('Javascript', `the code of the package could not be bundled:\n${said}`, { cause })
  }
}
