import { copyFile, cp, mkdir, mkdtemp, readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises'
import { basename, dirname, join, relative, sep } from 'node:path'
import { CodedError } from '@startd/base/errors.ts'
import { errnoOf, fileError } from '../file-error.ts'
import type { Conversion } from './conversion.ts'
import { within } from './source/project-files.ts'

/** What a build context has besides its content. */
const LEFT_OUT = new Set(['.git', 'node_modules', '.svn', '.hg'])

/** Writes a project into a directory that does not exist yet, or is empty. Nothing is left behind by a failure. */
export async function writeProject(
  directory: string,
  files: ReadonlyMap<string, string>,
  { assets, builds }: Pick<Conversion, 'assets' | 'builds'>,
): Promise<void> {
  await mustBeFree(directory)
  await mkdir(dirname(directory), { recursive: true })
  const draft = await mkdtemp(join(dirname(directory), `.${basename(directory)}-`))
  try {
    for (const [path, content] of files) await write(join(draft, path), content)
    for (const [name, source] of assets.entries) {
      const target = join(draft, 'assets', name)
      if ('text' in source) await write(target, source.text)
      else await copyTree(source.copy, target, [draft, directory])
    }
    for (const [name, { directory: from, dockerfile }] of builds) {
      await copyTree(from, join(draft, name), [draft, directory])
      if (dockerfile !== null) await write(join(draft, name, 'Dockerfile.inline'), dockerfile)
    }
    await rmdir(directory).catch((cause: unknown) => {
      if (errnoOf(cause) !== 'ENOENT') throw cause
    })
    await rename(draft, directory)
  } catch (cause) {
    await rm(draft, { recursive: true, force: true })
    throw fileError(cause, `could not write ${directory}`)
  }
}

async function mustBeFree(directory: string): Promise<void> {
  const names = await readdir(directory).catch((cause: unknown) => {
    if (errnoOf(cause) === 'ENOENT') return []
    throw fileError(cause, `could not look into ${directory}`)
  })
  if (names.length > 0)
    throw new CodedError('Duplicate', `${directory} is not empty; name another directory with --output`)
}

async function write(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, content)
}

/** Copies without following links: what they point to may be anywhere. */
async function copyTree(from: string, to: string, except: readonly string[]): Promise<void> {
  await mkdir(dirname(to), { recursive: true })
  const entries = await readdir(from).catch((cause: unknown) => {
    if (errnoOf(cause) === 'ENOTDIR') return null
    throw cause
  })
  if (entries === null) return copyFile(from, to)
  await cp(from, to, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) =>
      !except.some((other) => within(other, path)) &&
      !relative(from, path)
        .split(sep)
        .some((part) => LEFT_OUT.has(part)),
  })
}
