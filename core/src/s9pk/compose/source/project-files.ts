import { readFile, readdir, realpath, stat } from 'node:fs/promises'
import { isAbsolute, join, relative, resolve, sep } from 'node:path'
import { errnoOf, fileError } from '../../file-error.ts'

export type Found =
  { kind: 'file' | 'directory'; path: string } | { kind: 'missing' } | { kind: 'outside' } | { kind: 'other' }

/** What the system says of names that no file has, and that no file can have. */
const NO_SUCH_PLACE = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP', 'ERR_INVALID_ARG_VALUE'])

/** The files beside a compose file. Nothing outside of their directory is ever read, not by links either. */
export class ProjectFiles {
  readonly directory: string

  constructor(directory: string) {
    this.directory = resolve(directory)
  }

  /** Whether a path of the compose file stays in the directory, going by its text. */
  isInside(path: string): boolean {
    return within(this.directory, resolve(this.directory, path))
  }

  async find(path: string): Promise<Found> {
    const full = resolve(this.directory, path)
    if (!within(this.directory, full)) return { kind: 'outside' }
    const real = await realpath(full).catch((cause: unknown) => {
      if (NO_SUCH_PLACE.has(errnoOf(cause) ?? '')) return null
      throw fileError(cause, `could not look for ${path}`)
    })
    if (real === null) return { kind: 'missing' }
    if (!within(await realpath(this.directory), real)) return { kind: 'outside' }
    const info = await stat(real)
    if (info.isFile()) return { kind: 'file', path: real }
    return info.isDirectory() ? { kind: 'directory', path: real } : { kind: 'other' }
  }

  /** Text of a file; null where there is none. Throws Outside for one that is not in the directory. */
  async text(path: string): Promise<string | 'outside' | null> {
    const found = await this.find(path)
    if (found.kind === 'outside') return 'outside'
    return found.kind === 'file' ? readFile(found.path, 'utf8') : null
  }
}

export function within(directory: string, path: string): boolean {
  const way = relative(directory, path)
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way))
}

/** Bytes and number of the files below a directory. */
export async function sizeOf(path: string): Promise<{ bytes: number; files: number }> {
  const info = await stat(path)
  if (!info.isDirectory()) return { bytes: info.size, files: 1 }
  let bytes = 0
  let files = 0
  for (const entry of await readdir(path, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue
    files++
    bytes += (await stat(join(entry.parentPath, entry.name))).size
  }
  return { bytes, files }
}
