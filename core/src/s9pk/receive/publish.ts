import { link, open, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { diskFull, errnoOf, fileError } from '../file-error.ts'

/** Gives a finished file its final name: the root hash, with `x` appended while that is taken. The old name stays. */
export async function publish(temporary: string, directory: string, name: string): Promise<string> {
  await using folder = await open(directory, 'r')
  for (let suffix = ''; ; suffix += 'x') {
    const path = join(directory, `${name}${suffix}.s9pk`)
    try {
      await link(temporary, path)
    } catch (cause) {
      if (errnoOf(cause) === 'EEXIST') continue
      throw fileError(cause, 'could not store the package')
    }
    await folder.sync()
    return path
  }
}

/** Throws where `needed` bytes more do not fit on the disk. */
export async function checkSpace(directory: string, needed: number): Promise<void> {
  const { bavail, bsize } = await statfs(directory)
  if (needed > bavail * bsize) throw diskFull(undefined, needed, bavail * bsize)
}
