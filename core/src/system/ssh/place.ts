import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AuthorizedKeys } from './authorized-keys.ts'

/** Where a data directory says which file its keys are in, for those who take them out later. */
const note = (dataDir: string) => join(dataDir, 'ssh-keys-file')

/** The file that keys of this server go to from now on; those in another one, from before, go. Null: nowhere. */
export async function openAuthorizedKeys(
  dataDir: string,
  path: string | null,
): Promise<AuthorizedKeys | null> {
  const file = path === null ? null : new AuthorizedKeys(path, dataDir)
  const before = await readFile(note(dataDir), 'utf8').catch(() => null)
  if (before === (file?.path ?? null)) return file
  await forgetAuthorizedKeys(dataDir)
  await mkdir(dataDir, { recursive: true })
  if (file !== null) await writeFile(note(dataDir), file.path, { mode: 0o600 })
  return file
}

/** Takes out what a server has put into its file; what others have there stays. */
export async function forgetAuthorizedKeys(dataDir: string): Promise<void> {
  const path = await readFile(note(dataDir), 'utf8').catch(() => null)
  if (path === null) return
  await new AuthorizedKeys(path, dataDir).write([])
  await rm(note(dataDir), { force: true })
}
