import { copyFile, open, truncate } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { CodedError } from '@startd/base/errors.ts'
import { fileError } from '../../file-error.ts'

/** Images are mounted inside the package, where Linux drops a last sector that is not full. */
const SECTOR = 512
const SUPERBLOCK = 96

/**
 * A squashfs that is ready to be a member of a package: the file itself, or a copy in `workDir` that is filled
 * up to whole sectors. Anything that is no complete squashfs 4.0 is refused.
 */
export async function readySquashfs(path: string, workDir: string): Promise<string> {
  const size = await checkedSize(path)
  if (size % SECTOR === 0) return path
  const copy = join(workDir, `padded-${basename(path)}`)
  try {
    await copyFile(path, copy)
    await truncate(copy, Math.ceil(size / SECTOR) * SECTOR)
  } catch (cause) {
    throw fileError(cause, `could not copy ${path}`)
  }
  return copy
}

/** Length of the file. The superblock says how much of it is used. */
async function checkedSize(path: string): Promise<number> {
  await using handle = await open(path, 'r').catch((cause: unknown) => {
    throw fileError(cause, `could not read ${path}`)
  })
  const { size } = await handle.stat()
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(SUPERBLOCK), 0, SUPERBLOCK, 0)
  if (bytesRead < SUPERBLOCK || buffer.toString('latin1', 0, 4) !== 'hsqs' || buffer.readUInt16LE(28) !== 4) {
    throw new CodedError('Pack', `${path} is not a squashfs file system`)
  }
  if (buffer.readBigUInt64LE(40) > BigInt(size)) throw new CodedError('Pack', `${path} is cut off`)
  return size
}
