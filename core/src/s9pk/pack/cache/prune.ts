import type { Stats } from 'node:fs'
import { readdir, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'

/** How much room made file systems and fetched layers may take. */
const MOST_BYTES = 20e9
/** Another packer may be at those that were used just now. */
const IN_USE_MS = 60 * 60 * 1000
/** What a packer that was killed has left. */
const ABANDONED_MS = 24 * 60 * 60 * 1000

/** Removes the file systems and layers that were not used for longest, until the rest fits, and what was left unfinished. */
export async function pruneCache(directory: string, mostBytes = MOST_BYTES, now = Date.now()): Promise<void> {
  const known = await filesIn(directory)
  for (const { path, info } of known) {
    if (info.isDirectory() && /^(pack|build)-/.test(basename(path)) && now - info.mtimeMs > ABANDONED_MS)
      await rm(path, { recursive: true, force: true })
  }
  const made = known.filter(({ path, info }) => info.isFile() && path.endsWith('.squashfs'))
  // What was fetched for images, by digest.
  const fetched = (await filesIn(join(directory, 'blobs/sha256'))).filter(({ info }) => info.isFile())
  let bytes = 0
  for (const { path, info } of [...made, ...fetched].sort((a, b) => b.info.mtimeMs - a.info.mtimeMs)) {
    bytes += info.size
    if (bytes > mostBytes && now - info.mtimeMs > IN_USE_MS) await rm(path, { force: true })
  }
}

async function filesIn(directory: string): Promise<{ path: string; info: Stats }[]> {
  const names = await readdir(directory).catch(() => [])
  const entries = await Promise.all(
    names.map(async (name) => {
      const path = join(directory, name)
      const info = await stat(path).catch(() => null)
      return info ? [{ path, info }] : []
    }),
  )
  return entries.flat()
}
