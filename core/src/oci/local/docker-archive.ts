import { CodedError } from '@startd/base/errors.ts'
import { z } from 'zod'
import { ImageConfiguration, parseDocument } from '../documents.ts'
import type { Image } from '../image.ts'
import { checkPlatform } from '../platform.ts'
import { type Files, readDocument } from './files.ts'

const Saved = z.array(
  z.object({
    Config: z.string(),
    RepoTags: z.array(z.string()).nullish(),
    Layers: z.array(z.string()),
  }),
)
type Saved = z.infer<typeof Saved>

/** The image for `arch` in what `docker save` writes; `tag` where it holds several. */
export async function savedImage(files: Files, arch: string, tag?: string): Promise<Image> {
  const all = parseDocument(
    Saved,
    await readDocument(files, 'manifest.json'),
    `manifest.json of ${files.what}`,
  )
  const named = tag === undefined ? all : all.filter(({ RepoTags }) => RepoTags?.includes(tag))
  const [only] = named
  if (only === undefined || named.length > 1) {
    const tags = all.flatMap(({ RepoTags }) => RepoTags ?? [])
    const list = tags.length > 0 ? `: ${tags.join(', ')}` : ''
    if (only === undefined) throw new CodedError('NotFound', `${files.what} has no image ${tag ?? ''}${list}`)
    throw new CodedError('InvalidRequest', `${files.what} holds several images; say which with “tag”${list}`)
  }
  return imageOf(files, only, arch)
}

async function imageOf(files: Files, saved: Saved[number], arch: string): Promise<Image> {
  const what = `image ${files.what}`
  const bytes = await readDocument(files, saved.Config)
  const configuration = parseDocument(ImageConfiguration, bytes, `the configuration of ${what}`)
  checkPlatform(arch, configuration, what)
  const diffIds = configuration.rootfs.diff_ids
  if (diffIds.length !== saved.Layers.length) {
    const counts = `${saved.Layers.length} layers, and its configuration speaks of ${diffIds.length}`
    throw new CodedError('Deserialization', `${what} has ${counts}`)
  }
  const missing = await firstMissing(files, saved.Layers)
  if (missing !== null) throw new CodedError('NotFound', `${files.what} has no ${missing}`)
  const layers = saved.Layers.map((path, number) => ({
    what: `layer ${number + 1} of ${what}`,
    diffId: diffIds[number],
    open: () => files.open(path),
  }))
  return { what, configuration, key: JSON.stringify(diffIds), layers: async () => layers }
}

async function firstMissing(files: Files, paths: readonly string[]): Promise<string | null> {
  for (const path of paths) if (!(await files.has(path))) return path
  return null
}
