import { CodedError } from '@startd/base/errors.ts'
import { partsOf, verified } from '../digest.ts'
import { type Descriptor, ImageIndex, parseDocument } from '../documents.ts'
import { type Image, imageAt } from '../image.ts'
import { platformName } from '../platform.ts'
import { type Files, readDocument } from './files.ts'

const REF_NAME = 'org.opencontainers.image.ref.name'
/** Where Docker and containerd write the whole reference. */
const IMAGE_NAME = 'io.containerd.image.name'

/** The image for `arch` in an OCI image layout (OCI image-spec, image-layout.md); `tag` where it holds several. */
export async function layoutImage(files: Files, arch: string, tag?: string): Promise<Image> {
  const bytes = await readDocument(files, 'index.json')
  const { manifests } = parseDocument(ImageIndex, bytes, `index.json of ${files.what}`)
  const blobs = {
    what: files.what,
    open: (descriptor: Descriptor, what: string) =>
      verified(files.open(`blobs/${partsOf(descriptor.digest).join('/')}`), descriptor, what),
  }
  const named = tag === undefined ? manifests : manifests.filter((entry) => namesOf(entry).includes(tag))
  if (named.length === 0) {
    const known = tagsOf(manifests)
    const list = known.length === 0 ? 'names none' : `has ${known.join(', ')}`
    throw new CodedError('NotFound', `${files.what} has no image ${tag ?? ''}; it ${list}`)
  }
  const start = onlyOne(named, arch, files.what)
  return imageAt(blobs, start, arch)
}

/** Several entries are several platforms of one image, or several images, of which the author must choose. */
function onlyOne(entries: readonly Descriptor[], arch: string, what: string): Descriptor {
  const [first] = entries
  if (first && entries.length === 1) return first
  const architecture = platformName(arch).slice('linux/'.length)
  const fitting = entries.filter(({ platform }) => platform?.architecture === architecture)
  const candidates = fitting.length > 0 ? fitting : entries
  const digests = new Set(candidates.map(({ digest }) => digest))
  const [only] = candidates
  if (only && digests.size === 1) return only
  const tags = tagsOf(candidates)
  throw new CodedError(
    'InvalidRequest',
    `${what} holds ${digests.size} images; say which one with “tag”${tags.length > 0 ? `: ${tags.join(', ')}` : ''}`,
  )
}

function tagsOf(entries: readonly Descriptor[]): string[] {
  return [...new Set(entries.flatMap((entry) => namesOf(entry).slice(0, 1)))]
}

function namesOf({ annotations, digest }: Descriptor): string[] {
  return [annotations?.[REF_NAME], annotations?.[IMAGE_NAME], digest].filter((name) => name !== undefined)
}
