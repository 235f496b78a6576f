import { createHash } from 'node:crypto'
import { lstat, readFile, readdir, readlink } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { CodedError } from '@startd/base/errors.ts'
import { fileError } from '../../file-error.ts'

/** A hash over names, modes and contents of a directory: it changes when anything that is copied changes. */
export async function directoryDigest(directory: string): Promise<string> {
  const hash = createHash('sha256')
  try {
    for (const path of await everyPath(directory)) {
      const info = await lstat(path)
      const content = info.isSymbolicLink() ? await readlink(path) : info.isFile() ? await readFile(path) : ''
      if (!info.isFile() && !info.isDirectory() && !info.isSymbolicLink()) {
        throw new CodedError(
          'Pack',
          `${path} is neither file, directory nor link and cannot be copied into an image`,
        )
      }
      hash.update(JSON.stringify([relative(directory, path), info.mode, content.length])).update(content)
    }
  } catch (cause) {
    throw fileError(cause, `could not read ${directory}`)
  }
  return hash.digest('hex')
}

async function everyPath(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true })
  return entries.sort().map((name) => join(directory, name))
}
