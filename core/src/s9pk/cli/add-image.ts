import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { CodedError } from '@startd/base/errors.ts'
import { ImageId } from '@startd/base/ids.ts'
import { Arch, ImageConfig, type Manifest, parseManifest } from '@startd/base/manifest.ts'
import { openS9pkFile } from '../file-source.ts'
import { imageContents } from '../pack/images/index.ts'
import type { ImageRecipe } from '../pack/images/recipe.ts'
import { imageCache } from '../pack/index.ts'
import { putFile, removeFiles, treeOfArchive } from '../write/source-tree.ts'
import { type RewriteOptions, rewrite } from './rewrite.ts'

export interface AddImageOptions extends RewriteOptions {
  /** Where the root file system comes from; paths are relative to the working directory. */
  recipe: ImageRecipe
  arch: string[]
  emulateMissingAs?: string | undefined
  nvidiaContainer?: boolean | undefined
  cacheDir?: string | undefined
  onStep?: (text: string) => void
}

/** `s9pk edit … add-image`: adds an image, or replaces the one of that name. Answers with the new manifest. */
export async function addImage(path: string, id: string, options: AddImageOptions): Promise<Manifest> {
  const { recipe, arch: arches, emulateMissingAs = null, nvidiaContainer = false } = options
  if (!ImageId.safeParse(id).success)
    throw new CodedError('InvalidId', `“${id}” is no name for an image; use lower-case letters, digits and -`)
  if (arches.length === 0)
    throw new CodedError('InvalidRequest', 'say for which --arch the image is, such as x86_64')
  const wrong = arches.find((arch) => !Arch.safeParse(arch).success)
  if (wrong !== undefined)
    throw new CodedError('InvalidRequest', `“${wrong}” is no architecture such as x86_64`)
  if (emulateMissingAs !== null && !arches.includes(emulateMissingAs))
    throw new CodedError('InvalidRequest', '--emulate-missing-as must be one of --arch')

  await using file = await openS9pkFile(path)
  const config = ImageConfig.parse({ source: 'packed', arch: arches, emulateMissingAs, nvidiaContainer })
  const before = file.s9pk.manifest
  const manifest = parseManifest({ ...before, images: { ...before.images, [id]: config } })
  const cacheDir = await imageCache(options.cacheDir)
  await using undo = new AsyncDisposableStack()
  await mkdir(cacheDir, { recursive: true })
  const workDir = undo.adopt(await mkdtemp(join(cacheDir, 'pack-')), (directory) =>
    rm(directory, { recursive: true, force: true }),
  )
  const tree = treeOfArchive(file.s9pk.archive, path)
  removeFiles(tree, (name) => isOfImage(name, id))
  for (const arch of arches) {
    const onStep = options.onStep ?? (() => undefined)
    const places = { project: process.cwd(), cacheDir, workDir }
    const job = { ...places, id, arch, config, recipe, onStep, signal: options.signal }
    for (const [name, content] of await imageContents(job)) putFile(tree, name, content)
  }
  await rewrite(file, tree, manifest, options)
  return manifest
}

/** Whether a path is one of the files of an image, for whatever architecture. */
function isOfImage(path: string, id: string): boolean {
  const [top, , name, ...rest] = path.split('/')
  return top === 'images' && rest.length === 0 && /^(.*)\.(squashfs|json|env)$/.exec(name ?? '')?.[1] === id
}
