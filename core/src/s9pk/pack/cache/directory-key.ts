import { createReadStream } from 'node:fs'
import { lstat, readdir, readlink } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { base64 } from '@startd/base/s9pk/index.ts'
import { nativeHash } from '../../blake3.ts'
import { fileError } from '../../file-error.ts'
import type { HashCache } from './hash-cache.ts'

/**
 * A key for what `makeSquashfs` makes of a directory: the same for the same names, contents and kinds, whatever their
 * times, order or place. Files that were hashed before and have not changed since are not read.
 */
export async function directoryKey(
  directory: string,
  owner: 'root' | 'keep',
  hashes: HashCache,
): Promise<string> {
  const hasher = nativeHash()
  try {
    const names = await readdir(directory, { recursive: true })
    for (const name of ['.', ...names.sort()]) {
      const path = join(directory, name)
      const info = await lstat(path, { bigint: true })
      const mode = Number(info.mode)
      const rights =
        owner === 'root'
          ? [info.isDirectory() || (mode & 0o111) !== 0]
          : [mode, Number(info.uid), Number(info.gid)]
      const content = info.isSymbolicLink()
        ? await readlink(path)
        : info.isFile()
          ? base64(await hashFile(path, hashes))
          : String(info.rdev)
      hasher.update(
        Buffer.from(JSON.stringify([relative(directory, path), mode & 0o170000, rights, content])),
      )
    }
  } catch (cause) {
    throw fileError(cause, `could not read ${directory}`)
  }
  return `directory ${owner} ${base64(hasher.digest())}`
}

async function hashFile(path: string, hashes: HashCache): Promise<Uint8Array> {
  const info = await lstat(path, { bigint: true })
  const known = hashes.get(path, info)
  if (known) return known
  const hasher = nativeHash()
  for await (const piece of createReadStream(path, { highWaterMark: 1024 * 1024 }))
    hasher.update(piece as Buffer)
  const hash = hasher.digest()
  hashes.put(path, info, hash)
  return hash
}
