import { createHash } from 'node:crypto'
import { mkdtemp } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { CodedError } from '@startd/base/errors.ts'
import {
  type Image,
  type ImageDefaults,
  type Layer,
  buildDockerfile,
  defaultsOf,
  directoryLayer,
  fileChunks,
  keptImage,
  localImage,
  registryImage,
  squashLayers,
} from '../../../oci/index.ts'
import { isThere } from '../ingredients.ts'
import { cachedSquashfs } from './cache.ts'
import { debianImage } from './debian.ts'
import type { ImageJob } from './index.ts'
import { PLAIN_IMAGE } from './recipe.ts'
import { readySquashfs } from './squashfs-file.ts'

/** A root file system, and what the container image that it was made of says of itself. */
export interface MadeImage {
  squashfs: string
  defaults: ImageDefaults | null
}

/** Makes the root file system of an image from whatever its author has (docs/packing.md, “Images”). */
export async function makeImage(job: ImageJob): Promise<MadeImage> {
  const { id, recipe = PLAIN_IMAGE } = job
  if (recipe.debian) return plain(await debianImage({ ...job, recipe: recipe.debian }))
  if (recipe.directory !== undefined) return plain(await ofDirectory(job, recipe.directory))
  if (recipe.tar !== undefined) return plain(await ofTar(job, await given(job, recipe.tar)))
  if (recipe.squashfs !== undefined) {
    return plain(await readySquashfs(await given(job, recipe.squashfs), job.workDir))
  }
  if (recipe.oci) {
    const { path, tag } = recipe.oci
    const spool = () => join(job.workDir, `${id}-${job.arch}.tar`)
    return ofContainer(job, await localImage(await given(job, path), { arch: job.arch, tag, spool }))
  }
  if (recipe.registry) return ofRegistry(job, recipe.registry.reference, recipe.registry.insecure)
  if (recipe.dockerfile) {
    const { file, context, target, args } = recipe.dockerfile
    const dockerfile = await given(job, file)
    const directory = context === undefined ? dirname(dockerfile) : await given(job, context)
    return ofDockerfile(job, { dockerfile, context: directory, target, args })
  }
  return ofManifest(job)
}

function plain(squashfs: string): MadeImage {
  return { squashfs, defaults: null }
}

/** Without a recipe: a ready file, else what the manifest names (s9pk.md §9.2). */
async function ofManifest(job: ImageJob): Promise<MadeImage> {
  const { project, arch, id, config, workDir } = job
  const path = join(project, 'images', arch, `${id}.squashfs`)
  if (await isThere(path)) return plain(await readySquashfs(path, workDir))
  const { source } = config
  if (source === 'packed') {
    const advice = `put its root file system there, or say in images.yaml how it is made`
    throw new CodedError('NotFound', `image ${id} has no ${path}; ${advice}.`)
  }
  if ('dockerTag' in source) return ofRegistry(job, source.dockerTag, false)
  const { workdir, dockerfile, buildArgs } = source.dockerBuild
  const context = await given(job, workdir ?? '.')
  const file = dockerfile === null ? join(context, 'Dockerfile') : await given(job, dockerfile)
  return ofDockerfile(job, { dockerfile: file, context, args: buildArgs })
}

/** A path of a recipe, which must exist. */
async function given({ project, arch, id }: ImageJob, path: string): Promise<string> {
  const full = resolve(project, path.replaceAll('{arch}', arch))
  if (!(await isThere(full))) throw new CodedError('NotFound', `there is no ${full} for image ${id}`)
  return full
}

async function ofDirectory(job: ImageJob, path: string): Promise<string> {
  const directory = await given(job, path)
  return ofArchive(job, directoryLayer(directory, process.getuid?.() === 0 ? 'keep' : 'root'))
}

async function ofTar(job: ImageJob, path: string): Promise<string> {
  return ofArchive(job, { what: path, open: () => fileChunks(path) })
}

/** A whole root file system in one archive. */
async function ofArchive(job: ImageJob, layer: Layer): Promise<string> {
  const { id, arch, onStep, signal } = job
  const hash = createHash('sha256')
  for await (const chunk of layer.open()) hash.update(chunk)
  return cachedSquashfs(job, `tar ${hash.digest('hex')}`, async (output) => {
    onStep(`Compressing image ${id} for ${arch}`)
    await squashLayers([layer], output, { what: layer.what, whiteouts: false, onStep, signal })
  })
}

/** A container image: its layers become one root file system. */
export async function ofContainer(job: ImageJob, image: Image): Promise<MadeImage> {
  const { onStep, signal } = job
  const squashfs = await cachedSquashfs(job, `layers ${image.key}`, async (output) => {
    const layers = await image.layers()
    onStep(`Compressing image ${job.id} for ${job.arch} out of ${layers.length} layers`)
    await squashLayers(layers, output, { what: image.what, whiteouts: true, onStep, signal })
  })
  return { squashfs, defaults: defaultsOf(image.configuration) }
}

/** What a registry has under a name; else what an engine of this machine has, for images that were built here. */
async function ofRegistry(job: ImageJob, reference: string, insecure: boolean): Promise<MadeImage> {
  const { arch, onStep, signal } = job
  const cacheDir = join(job.cacheDir, 'blobs')
  try {
    return await ofContainer(
      job,
      await registryImage(reference, { arch, insecure, cacheDir, onStep, signal }),
    )
  } catch (cause) {
    if (!(cause instanceof CodedError) || !['NotFound', 'Authorization'].includes(cause.kind)) throw cause
    const workDir = await mkdtemp(join(job.workDir, 'kept-'))
    const archive = await keptImage(reference, workDir, signal)
    if (archive === null) throw cause
    onStep(`Taking ${reference} from the container engine of this machine`)
    return ofContainer(job, await localImage(archive, { arch, spool: () => join(workDir, 'unpacked.tar') }))
  }
}

interface DockerfileSource {
  dockerfile: string
  context: string
  target?: string | undefined
  args: Record<string, string | { env: string }>
}

async function ofDockerfile(job: ImageJob, { args, ...source }: DockerfileSource): Promise<MadeImage> {
  const { arch, onStep, signal } = job
  const workDir = await mkdtemp(join(job.workDir, 'dockerfile-'))
  const archive = await buildDockerfile({ ...source, args: valuesOf(args), arch, workDir, onStep, signal })
  return ofContainer(job, await localImage(archive, { arch, spool: () => join(workDir, 'unpacked.tar') }))
}

/** Arguments that name a variable take its value, and are left out when it is not set. */
function valuesOf(args: DockerfileSource['args']): Record<string, string> {
  const entries = Object.entries(args).flatMap(([key, value]) => {
    const found = typeof value === 'string' ? value : process.env[value.env]
    return found === undefined ? [] : [[key, found] as const]
  })
  return Object.fromEntries(entries)
}
