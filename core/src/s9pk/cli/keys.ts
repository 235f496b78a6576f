import { mkdir, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { CodedError } from '@startd/base/errors.ts'
import { publicKeyOf, publicKeyPem } from '@startd/base/s9pk/index.ts'
import { createKeyFile, developerKeyPath, readDeveloperKey } from '../key-files.ts'

export interface KeyFile {
  path: string
  created: boolean
}

/** `init-key`: makes the developer key unless there is one. */
export async function initKey(developerKey?: string): Promise<KeyFile> {
  const path = await developerKeyPath(developerKey)
  return { path, created: await createKeyFile(path) }
}

/** `pubkey`: the public half of the developer key as PEM. */
export async function pubkey(developerKey?: string): Promise<string> {
  return publicKeyPem(publicKeyOf((await readDeveloperKey(developerKey)).seed))
}

/**
 * `s9pk init-workspace`: makes a directory a packaging workspace, with a build key that signs everything
 * packed below it. May be repeated. Refused inside another workspace, whose key would be hidden.
 */
export async function initWorkspace(directory: string): Promise<KeyFile> {
  const root = resolve(directory)
  for (let at = dirname(root); ; at = dirname(at)) {
    const outer = await stat(join(at, '.startos', 'build-key')).catch(() => null)
    if (outer)
      throw new CodedError('InvalidRequest', `${at} is a workspace already; create the new one elsewhere`)
    if (dirname(at) === at) break
  }
  await mkdir(root, { recursive: true })
  const path = join(root, '.startos', 'build-key')
  return { path, created: await createKeyFile(path) }
}
