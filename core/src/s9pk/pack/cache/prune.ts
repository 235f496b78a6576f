import { readdir, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'

/** How much room made file systems may take. */
const MOST_BYTES = 20e9
/** Another packer may be at those that were used just now. */
const IN_USE_MS = 60 * 60 * 1000
/** What a packer that was killed has left. */
const ABANDONED_MS = 24 * 60 * 60 * 1000

/** Removes the file systems that were not used for longest, until the rest fits, and what was left unfinished. */
export async function pruneCache(directory: string, mostBytes = MOST_BYTES, now = Date.now()): Promise<void> {
  let bytes = 0
  const entries = await Promise.all(
    (await readdir(directory)).map(async (name) => ({
      path: join(directory, name),
      name,
      info: await stat(join(directory, name)).catch(() => null),
    })),
  )
  const known = entries.flatMap(({ path, name, info }) => (info ? [{ path, name, info }] : []))
  for (const { path, info } of known) {
    if (info.isDirectory() && /^(pack|build)-/.test(basename(path)) && now - info.mtimeMs > ABANDONED_MS)
      await rm(path, { recursive: true, force: true })
  }
  const parts = known.filter(({ name, info }) => info.isFile() && name.endsWith('.squashfs'))
  for (const { path, info } of parts.sort((a, b) => b.info.mtimeMs - a.info.mtimeMs)) {
    bytes += info.size
    if (bytes > mostBytes && now - info.mtimeMs > IN_USE_MS) await rm(path, { force: true })
  }
}
