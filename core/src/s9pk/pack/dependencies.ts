import { extname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CodedError } from '@startd/base/errors.ts'
import { mediaType } from '@startd/base/s9pk/index.ts'
import { openS9pkFile } from '../file-source.ts'
import { type Content, bytesContent, fileContent } from '../write/content.ts'
import type { DependencySource } from './authored-manifest.ts'

const ICON_LIMIT = 100 * 1024

/** Title and icon of a dependency, packed so that they can be shown before the dependency is installed. */
export async function dependencyFiles(
  project: string,
  id: string,
  source: DependencySource,
): Promise<Map<string, Content>> {
  const files = new Map<string, Content>()
  const put = (title: unknown, extension: string, icon: Content) => {
    files.set(`dependencies/${id}/metadata.json`, bytesContent(Buffer.from(JSON.stringify({ title }))))
    files.set(`dependencies/${id}/icon.${extension}`, icon)
  }
  if (source.metadata) {
    const { extension, content } = await loadIcon(project, id, source.metadata.icon)
    put(source.metadata.title, extension, content)
  } else if (source.s9pk) {
    await using file = await openS9pkFile(localPath(project, id, source.s9pk))
    const { extension, bytes } = fromDataUrl(id, await file.s9pk.icon())
    put(file.s9pk.manifest.title, extension, bytesContent(bytes))
  }
  return files
}

async function loadIcon(
  project: string,
  id: string,
  icon: string,
): Promise<{ extension: string; content: Content }> {
  if (icon.startsWith('data:')) {
    const { extension, bytes } = fromDataUrl(id, icon)
    return { extension, content: bytesContent(bytes) }
  }
  const path = localPath(project, id, icon)
  const content = await fileContent(path)
  if (!mediaType(path)?.startsWith('image/') || content.size > ICON_LIMIT) {
    throw new CodedError('InvalidRequest', `the icon of dependency ${id} must be an image of at most 100 KiB`)
  }
  return { extension: extname(path).slice(1), content }
}

function localPath(project: string, id: string, place: string): string {
  if (place.startsWith('file:')) return fileURLToPath(place)
  if (/^[a-z][a-z0-9+.-]*:/i.test(place)) {
    throw new CodedError(
      'InvalidRequest',
      `dependency ${id} names ${place}; download it and name the file instead`,
    )
  }
  return resolve(project, place)
}

const EXTENSIONS: Record<string, string> = { 'image/jpeg': 'jpg', 'image/svg+xml': 'svg' }

function fromDataUrl(id: string, url: string): { extension: string; bytes: Uint8Array } {
  const match = /^data:(image\/[a-z0-9.+-]+);base64,(.*)$/s.exec(url)
  if (!match?.[1]) throw new CodedError('InvalidRequest', `the icon of dependency ${id} is not an image`)
  return {
    extension: EXTENSIONS[match[1]] ?? match[1].slice('image/'.length),
    bytes: Buffer.from(match[2] ?? '', 'base64'),
  }
}
