import { copyFile, open, readdir, rename, rm, type FileHandle } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { PatchDbError } from '../errors.ts'

/** The bytes of a file, or undefined if there is none. */
export async function readIfPresent(path: string): Promise<Buffer | undefined> {
  let file: FileHandle
  try {
    file = await open(path, 'r')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
  try {
    // In one go where the system allows: `readFile` asks for half a megabyte at a time.
    const bytes = Buffer.allocUnsafeSlow((await file.stat()).size)
    for (let done = 0; done < bytes.length;) {
      const { bytesRead } = await file.read(bytes, done, bytes.length - done, done)
      if (bytesRead === 0) return bytes.subarray(0, done)
      done += bytesRead
    }
    return bytes
  } finally {
    await file.close()
  }
}

/** Writes all of `parts` at `position`, however many writes that takes; answers where they end. */
export async function writeFully(
  file: FileHandle,
  parts: readonly Buffer[],
  position: number,
): Promise<number> {
  for (const part of parts) {
    for (let done = 0; done < part.length;) {
      const { bytesWritten } = await file.write(part, done, part.length - done, position + done)
      done += bytesWritten
    }
    position += part.length
  }
  return position
}

/** Where a new file is made before it takes its name. */
export function temporary(path: string): string {
  return `${path}.tmp`
}

/** Makes names durable: without this, a power cut could bring an old directory entry back. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(dirname(path), 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

/** How many copies of a kind stay beside a database. */
const COPIES = 5

/** Keeps bytes as `<path>.<kind>-<label>`, on disk when it resolves; the oldest copies of that kind go. */
export async function keepBytes(path: string, kind: string, label: string, bytes: Buffer): Promise<string> {
  return await keep(path, kind, label, async (draft) => {
    const file = await open(draft, 'w', 0o600)
    try {
      await writeFully(file, [bytes], 0)
      await file.sync()
    } finally {
      await file.close()
    }
  })
}

/** Keeps a copy of the whole file in the same way. */
export async function keepCopy(path: string, kind: string, label: string): Promise<string> {
  return await keep(path, kind, label, async (draft) => {
    await copyFile(path, draft)
    const file = await open(draft, 'r+')
    try {
      await file.sync()
    } finally {
      await file.close()
    }
  })
}

async function keep(
  path: string,
  kind: string,
  label: string,
  write: (draft: string) => Promise<void>,
): Promise<string> {
  const target = `${path}.${kind}-${label}`
  const draft = temporary(target)
  try {
    await write(draft)
    await rename(draft, target)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
  await syncDirectory(path)
  await dropOldest(path, kind)
  return target
}

/** Labels begin with the time, so that the order of names is the order of making. */
async function dropOldest(path: string, kind: string): Promise<void> {
  const prefix = `${basename(path)}.${kind}-`
  const names = (await readdir(dirname(path))).filter((name) => name.startsWith(prefix)).sort()
  for (const name of names.slice(0, Math.max(0, names.length - COPIES)))
    await rm(join(dirname(path), name), { force: true })
}

/** The time as part of a file name: `20261121T101308.123Z`. */
export function timeLabel(now = new Date()): string {
  return now.toISOString().replaceAll(/[-:]/g, '')
}

export function asIo(error: unknown, path: string): unknown {
  if (error instanceof PatchDbError) return error
  return new PatchDbError('Io', `${path}: ${error instanceof Error ? error.message : String(error)}`, error)
}
