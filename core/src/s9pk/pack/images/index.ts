import { open, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { CodedError } from '@startd/base/errors.ts'
import type { ImageConfig } from '@startd/base/manifest.ts'
import { type Content, bytesContent, fileContent } from '../../write/content.ts'
import { isThere } from '../ingredients.ts'
import { makeSquashfs } from '../squashfs.ts'
import { debianImage } from './debian.ts'
import { type ImageRecipe, PLAIN_IMAGE } from './recipe.ts'

export interface ImageJob {
  project: string
  id: string
  arch: string
  config: ImageConfig
  recipe: ImageRecipe | undefined
  cacheDir: string
  /** A directory that is removed after packing. */
  workDir: string
  onStep: (text: string) => void
  signal?: AbortSignal | undefined
}

const SECTOR = 512
const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** The three members of an image for one architecture: root file system, metadata and environment. */
export async function imageContents(job: ImageJob): Promise<Map<string, Content>> {
  const { id, arch, recipe = PLAIN_IMAGE } = job
  const stem = `images/${arch}/${id}`
  const squashfs = await squashfsOf(job)
  await checkSquashfs(squashfs)
  const { workdir, user, entrypoint, cmd, env } = recipe
  const environment = Object.entries({ PATH: DEFAULT_PATH, ...env }).map(
    ([name, value]) => `${name}=${value}`,
  )
  return new Map([
    [`${stem}.squashfs`, await fileContent(squashfs)],
    [`${stem}.json`, await prepared(job, 'json', JSON.stringify({ workdir, user, entrypoint, cmd }))],
    [`${stem}.env`, await prepared(job, 'env', environment.join('\n'))],
  ])
}

async function squashfsOf(job: ImageJob): Promise<string> {
  const { project, id, arch, recipe, config } = job
  if (recipe?.debian) return debianImage({ ...job, recipe: recipe.debian })
  if (recipe?.directory !== undefined) {
    const directory = resolve(project, recipe.directory.replaceAll('{arch}', arch))
    if (!(await isThere(directory)))
      throw new CodedError('NotFound', `there is no ${directory} for image ${id}`)
    job.onStep(`Compressing image ${id} for ${arch}`)
    const output = join(job.workDir, `${id}-${arch}.squashfs`)
    await makeSquashfs(directory, output, {
      owner: process.getuid?.() === 0 ? 'keep' : 'root',
      signal: job.signal,
    })
    return output
  }
  const path = preparedPath(job, 'squashfs')
  if (await isThere(path)) return path
  const origin =
    config.source === 'packed' ? '' : ' The manifest names a container image, which is not built here.'
  const advice = `put its root file system there, or say in images.yaml how it is made`
  throw new CodedError('NotFound', `image ${id} has no ${path}; ${advice}.${origin}`)
}

/** A file that the author prepared next to a ready image, else what the recipe says. */
async function prepared(job: ImageJob, extension: 'json' | 'env', otherwise: string): Promise<Content> {
  const path = preparedPath(job, extension)
  return bytesContent((await isThere(path)) ? await readFile(path) : Buffer.from(otherwise))
}

function preparedPath({ project, arch, id }: ImageJob, extension: string): string {
  return join(project, 'images', arch, `${id}.${extension}`)
}

/** Images are mounted inside the package, where Linux drops a last sector that is not full. */
async function checkSquashfs(path: string): Promise<void> {
  await using handle = await open(path, 'r')
  const { size } = await handle.stat()
  const { buffer } = await handle.read(Buffer.alloc(4), 0, 4, 0)
  if (buffer.toString('latin1') !== 'hsqs')
    throw new CodedError('Pack', `${path} is not a squashfs file system`)
  if (size % SECTOR !== 0) {
    throw new CodedError(
      'Pack',
      `the length of ${path} is not a multiple of 512; make it with mksquashfs without -nopad`,
    )
  }
}
