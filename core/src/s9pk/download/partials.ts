import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { CodedError } from '@startd/base/errors.ts'
import { errnoOf } from '../file-error.ts'
import { type Beginning, readJournal } from './journal.ts'

/* `<directory>/partial/<root hash>.s9pk` is a package on its way, `<root hash>.journal` says how far it has come. */

/** A download that nobody goes on with is removed after this time. */
const KEPT_MS = 7 * 24 * 3600 * 1000

const underway = new Set<string>()

/** The file of a package on its way, for one download at a time. */
export async function claimPartial(directory: string, name: string): Promise<{ path: string } & Disposable> {
  const folder = folderOf(directory)
  await mkdir(folder, { recursive: true })
  const path = join(folder, `${name}.s9pk`)
  if (underway.has(path))
    throw new CodedError(
      'InvalidRequest',
      'this package is being downloaded already; wait until that has ended',
    )
  underway.add(path)
  return { path, [Symbol.dispose]: () => void underway.delete(path) }
}

export function journalOf(path: string): string {
  return path.replace(/\.s9pk$/, '.journal')
}

/** The download of the package with this root hash that was not finished, if there is one. */
export async function unfinishedDownload(directory: string, name: string): Promise<Beginning | null> {
  return (await readJournal(join(folderOf(directory), `${name}.journal`)))?.beginning ?? null
}

/** Removes what was downloaded of a package so far. */
export async function forgetDownload(directory: string, name: string): Promise<void> {
  for (const suffix of ['.journal', '.s9pk']) {
    await rm(join(folderOf(directory), name + suffix), { force: true })
  }
}

/** Removes downloads that were given up long ago. */
export async function pruneDownloads(directory: string, now = Date.now()): Promise<void> {
  const folder = folderOf(directory)
  const names = await readdir(folder).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return []
    throw error
  })
  for (const name of names) {
    const path = join(folder, name)
    if (underway.has(path.replace(/\.journal$/, '.s9pk'))) continue
    if (now - (await stat(path)).mtimeMs > KEPT_MS) await rm(path, { force: true })
  }
}

function folderOf(directory: string): string {
  return join(directory, 'partial')
}
