import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ImageConfig } from '@startd/base/manifest.ts'
import { type Content, bytesContent, fileContent } from '../../write/content.ts'
import { isThere } from '../ingredients.ts'
import { metadataOf } from './metadata.ts'
import { type ImageRecipe, PLAIN_IMAGE } from './recipe.ts'
import { makeImage } from './sources.ts'

export interface ImageJob {
  project: string
  id: string
  arch: string
  config: ImageConfig
  recipe: ImageRecipe | undefined
  cacheDir: string
  /** A directory in the cache that is removed after packing. */
  workDir: string
  onStep: (text: string) => void
  signal?: AbortSignal | undefined
}

/** The three members of an image for one architecture: root file system, metadata and environment. */
export async function imageContents(job: ImageJob): Promise<Map<string, Content>> {
  const { id, arch, recipe = PLAIN_IMAGE } = job
  const stem = `images/${arch}/${id}`
  const { squashfs, defaults } = await makeImage(job)
  const { json, env, notes } = metadataOf(id, recipe, defaults)
  for (const note of notes) job.onStep(note)
  return new Map([
    [`${stem}.squashfs`, await fileContent(squashfs)],
    [`${stem}.json`, await prepared(job, 'json', json)],
    [`${stem}.env`, await prepared(job, 'env', env)],
  ])
}

/** A file that the author prepared next to a ready image, else what recipe and image say. */
async function prepared(job: ImageJob, extension: 'json' | 'env', otherwise: string): Promise<Content> {
  const path = join(job.project, 'images', job.arch, `${job.id}.${extension}`)
  return bytesContent((await isThere(path)) ? await readFile(path) : Buffer.from(otherwise))
}
