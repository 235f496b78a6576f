import { randomBytes } from 'node:crypto'
import {
  chmod,
  chown,
  mkdir,
  open,
  readFile,
  realpath,
  rename,
  stat,
  unlink,
  writeFile,
} from 'node:fs/promises'
import { dirname } from 'node:path'

/** The text of a file; null where there is none. */
export async function readText(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null
    throw error
  })
}

/**
 * Replaces a file as a whole: after a crash it has the old text or the new one. Owner and mode stay. A
 * file that is itself a mount cannot be replaced and is written in place.
 */
export async function writeText(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const target = await realpath(path).catch(() => path)
  const before = await stat(target).catch(() => null)
  const temporary = `${target}.${randomBytes(6).toString('hex')}.tmp`
  try {
    const file = await open(temporary, 'wx', before ? before.mode & 0o7777 : 0o666)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    if (before) {
      await chmod(temporary, before.mode & 0o7777)
      await chown(temporary, before.uid, before.gid)
    }
    await rename(temporary, target)
  } catch (error) {
    await unlink(temporary).catch(() => undefined)
    if ((error as NodeJS.ErrnoException).code !== 'EBUSY') throw error
    await writeFile(target, text)
  }
}

const queues = new Map<string, Promise<unknown>>()

/** Runs one change of a file after the other, so that two merges never lose each other's. */
export function exclusively<T>(path: string, work: () => Promise<T>): Promise<T> {
  const turn = (queues.get(path) ?? Promise.resolve()).then(work, work)
  const settled = turn
    .catch(() => undefined)
    .then(() => {
      if (queues.get(path) === settled) queues.delete(path)
    })
  queues.set(path, settled)
  return turn
}
