import { createHash } from 'node:crypto'
import { rename, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { isThere } from '../ingredients.ts'

/** Raise it when the same sources give other file systems than before. */
const EDITION = 1

export interface SquashfsCache {
  cacheDir: string
  /** On the same file system as the cache. */
  workDir: string
}

/** The squashfs that belongs to a key: `make` is only called when it was not made before. */
export async function cachedSquashfs(
  { cacheDir, workDir }: SquashfsCache,
  key: string,
  make: (output: string) => Promise<void>,
): Promise<string> {
  const hash = createHash('sha256').update(`${EDITION}\n${key}`).digest('hex').slice(0, 32)
  const target = join(cacheDir, `image-${hash}.squashfs`)
  if (await isThere(target)) {
    // The time of last use, for whoever clears the cache.
    await utimes(target, new Date(), new Date())
    return target
  }
  const draft = join(workDir, `image-${hash}.squashfs`)
  await make(draft)
  await rename(draft, target)
  return target
}
