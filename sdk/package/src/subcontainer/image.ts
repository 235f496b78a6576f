import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CONTAINER_PATHS } from '@startd/base/container-paths.ts'

/** What an image says about how it wants to be run. */
export interface ImageMetadata {
  workdir?: string
  user?: string
  entrypoint?: string[] | null
  cmd?: string[] | null
}

/** Metadata of an image; an image without any is fine. */
export async function imageMetadata(imageId: string): Promise<ImageMetadata> {
  const text = await readFile(join(CONTAINER_PATHS.images, `${imageId}.json`), 'utf8').catch(() => '{}')
  return JSON.parse(text) as ImageMetadata
}

/** The image's environment, one `KEY=VALUE` a line. */
export function imageEnvFile(imageId: string): string {
  return join(CONTAINER_PATHS.images, `${imageId}.env`)
}
