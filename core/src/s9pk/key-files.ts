import { mkdir, open, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { CodedError } from '@startd/base/errors.ts'
import { errnoOf, fileError } from './file-error.ts'
import { newSeed, printPrivateKey, readPrivateKey } from './keys.ts'

/** On a server the key of the machine itself counts before that of the person. */
const MACHINE_KEY = '/run/startos/developer.key.pem'
/** Rights of those who neither own a file nor are in its group. Other tools for these packages let the group read. */
const OTHERS = 0o007

export interface SigningKey {
  seed: Uint8Array
  path: string
  /** The key of the packaging workspace, or the developer's own. */
  kind: 'build' | 'developer'
}

/** Where the developer key is or would be. */
export async function developerKeyPath(given?: string): Promise<string> {
  if ((await readIfThere(MACHINE_KEY)) !== null) return MACHINE_KEY
  if (given) return resolve(given)
  const home = process.env['HOME'] ? homedir() : null
  return home ? join(home, '.startos', 'developer.key.pem') : '/etc/startos/developer.key.pem'
}

/** The key that signs a package built in `directory`: the workspace's build key, else the developer key. */
export async function findSigningKey(directory: string, developerKey?: string): Promise<SigningKey> {
  for (let at = resolve(directory); ; at = dirname(at)) {
    const path = join(at, '.startos', 'build-key')
    const pem = await readIfThere(path)
    if (pem !== null) return { seed: readPrivateKey(pem), path, kind: 'build' }
    if (dirname(at) === at) break
  }
  return { ...(await readDeveloperKey(developerKey)), kind: 'developer' }
}

export async function readDeveloperKey(given?: string): Promise<{ seed: Uint8Array; path: string }> {
  const path = await developerKeyPath(given)
  return { seed: await readKeyFile(path), path }
}

export async function readKeyFile(path: string): Promise<Uint8Array> {
  const pem = await readIfThere(path)
  if (pem === null)
    throw new CodedError('Uninitialized', 'there is no signing key yet; make one with “start-cli init-key”')
  return readPrivateKey(pem)
}

/** Creates a key file, which only its owner may read, unless there is one. Answers whether it was created. */
export async function createKeyFile(path: string): Promise<boolean> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    await writeFile(path, printPrivateKey(newSeed()), { flag: 'wx', mode: 0o600 })
    return true
  } catch (cause) {
    if (errnoOf(cause) === 'EEXIST') return false
    throw fileError(cause, `could not write the key ${path}`)
  }
}

/** A key that everybody may read or change is none: refused, with the command that mends it. */
async function readIfThere(path: string): Promise<string | null> {
  try {
    await using handle = await open(path, 'r')
    const { mode } = await handle.stat()
    if ((mode & OTHERS) !== 0)
      throw new CodedError(
        'Filesystem',
        `every user of this machine may read or change the key ${path}; if nobody has copied it, run: chmod 600 ${path}`,
      )
    return await handle.readFile('utf8')
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT' || errnoOf(cause) === 'ENOTDIR') return null
    throw fileError(cause, `could not read the key ${path}`)
  }
}
