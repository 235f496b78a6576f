import { CodedError } from '@startd/base/errors.ts'
import {
  type Descriptor,
  type ImageConfiguration,
  ImageConfiguration as ConfigurationSchema,
  ImageIndex,
  ImageManifest,
  parseDocument,
} from './documents.ts'
import { IMAGE_LIMITS, MAX_DOCUMENT } from './limits.ts'
import type { Layer } from './merge/index.ts'
import { checkPlatform, chooseFor } from './platform.ts'

/** Where the bytes behind descriptors are: a layout, an archive or a registry. */
export interface Blobs {
  /** How messages call the place. */
  readonly what: string
  /** The bytes, checked against the descriptor; `what` is how messages call them. */
  open(descriptor: Descriptor, what: string): AsyncIterable<Uint8Array>
  /** Brings layers near, where that takes time. */
  prepare?(layers: readonly Descriptor[]): Promise<void>
}

/** One image for one architecture. */
export interface Image {
  /** How messages call it. */
  readonly what: string
  readonly configuration: ImageConfiguration
  /** Names the contents of all layers: the same key, the same root file system. */
  readonly key: string
  /** The layers, lowest first. They are fetched first where that is needed. */
  layers(): Promise<Layer[]>
}

const INDEX_TYPES = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
]
const MAX_NESTING = 4

/** Finds the image for an architecture behind an index or a manifest; indexes may lie in one another. */
export async function imageAt(blobs: Blobs, start: Descriptor, arch: string): Promise<Image> {
  const what = `image ${blobs.what}`
  let at = start
  for (let depth = 0; depth < MAX_NESTING; depth++) {
    const bytes = await document(blobs, at, `the manifest of ${what}`)
    if (!isIndex(at, bytes)) return imageOf(blobs, bytes, arch, what)
    at = chooseFor(arch, parseDocument(ImageIndex, bytes, `the index of ${what}`).manifests, what)
  }
  throw new CodedError('Deserialization', `${what} has indexes within indexes without end`)
}

async function imageOf(blobs: Blobs, bytes: Uint8Array, arch: string, what: string): Promise<Image> {
  if (/"schemaVersion"\s*:\s*1\b/.test(Buffer.from(bytes).toString())) {
    throw new CodedError(
      'Deserialization',
      `${what} has a manifest of version 1, which is too old to be read`,
    )
  }
  const manifest = parseDocument(ImageManifest, bytes, `the manifest of ${what}`)
  if (/artifact|attestation|in-toto/.test(manifest.config.mediaType)) {
    throw new CodedError(
      'InvalidRequest',
      `${what} is not a container image but ${manifest.config.mediaType}`,
    )
  }
  const configuration = parseDocument(
    ConfigurationSchema,
    await document(blobs, manifest.config, `the configuration of ${what}`),
    `the configuration of ${what}`,
  )
  checkPlatform(arch, configuration, what)
  const { layers } = manifest
  const diffIds = configuration.rootfs.diff_ids
  if (layers.length !== diffIds.length) {
    const counts = `${layers.length} layers, and its configuration speaks of ${diffIds.length}`
    throw new CodedError('Deserialization', `${what} has ${counts}`)
  }
  for (const { size, mediaType, digest } of layers) {
    if (/foreign|nondistributable/.test(mediaType)) {
      throw new CodedError('InvalidRequest', `layer ${digest} of ${what} is not for distribution`)
    }
    if (size > IMAGE_LIMITS.layer) throw new CodedError('Pack', `layer ${digest} of ${what} is too large`)
  }
  return {
    what,
    configuration,
    key: JSON.stringify(diffIds),
    layers: async () => {
      await blobs.prepare?.(layers)
      return layers.map((layer, number) => {
        const name = `layer ${number + 1} of ${what}`
        return { what: name, diffId: diffIds[number], open: () => blobs.open(layer, name) }
      })
    },
  }
}

/** The bytes of a small document, checked. */
async function document(blobs: Blobs, descriptor: Descriptor, what: string): Promise<Uint8Array> {
  if (descriptor.size > MAX_DOCUMENT) throw new CodedError('Pack', `${what} is too long`)
  const chunks: Uint8Array[] = []
  for await (const chunk of blobs.open(descriptor, what)) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}

function isIndex({ mediaType }: Descriptor, bytes: Uint8Array): boolean {
  if (INDEX_TYPES.includes(mediaType)) return true
  if (mediaType !== '' && mediaType !== 'application/json') return false
  const text = Buffer.from(bytes).toString()
  return /"manifests"\s*:/.test(text) && !/"layers"\s*:/.test(text)
}
