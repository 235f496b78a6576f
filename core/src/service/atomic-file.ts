import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Replaces a file so that a crash leaves the old content or the new, never half of it. */
export async function writeAtomically(path: string, content: string): Promise<void> {
  const fresh = `${path}.new`
  await mkdir(dirname(path), { recursive: true })
  try {
    await using file = await open(fresh, 'w', 0o644)
    await file.writeFile(content)
    await file.datasync()
  } catch (error) {
    await rm(fresh, { force: true })
    throw error
  }
  await rename(fresh, path)
}

/** The text of a file, or null where there is none. */
export async function readIfPresent(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

/** Whether a file lies there and can be looked at. */
export async function isFile(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isFile(),
    () => false,
  )
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT'
