import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { digestOf } from '../digest.ts'
import type { Descriptor } from '../documents.ts'
import { tarOf } from './layers.ts'

const OCI = 'application/vnd.oci.image'

/** Documents and layers by digest, with the descriptor that everything hangs on. */
export interface Content {
  root: Descriptor
  blobs: Map<string, Buffer>
}

export interface MadeImage extends Content {
  configuration: Buffer
  /** Unpacked. */
  layers: Buffer[]
}

const PACKINGS = {
  gzip: ['+gzip', (bytes: Buffer) => gzipSync(bytes, { level: 1 })],
  zstd: ['+zstd', (bytes: Buffer) => zstdCompressSync(bytes)],
  plain: ['', (bytes: Buffer) => bytes],
} as const

export interface ImageOptions {
  architecture?: string
  variant?: string
  config?: Record<string, unknown>
  packings?: (keyof typeof PACKINGS)[]
}

/** An image of the given layers (tar archives, lowest first). */
export function imageOf(layers: Buffer[], options: ImageOptions = {}): MadeImage {
  const { architecture = 'amd64', variant, config = {}, packings = ['gzip'] } = options
  const blobs = new Map<string, Buffer>()
  const add = (bytes: Buffer, mediaType: string): Descriptor => {
    const digest = digestOf(bytes)
    blobs.set(digest, bytes)
    return { mediaType, digest, size: bytes.length }
  }
  const configuration = Buffer.from(
    JSON.stringify({
      os: 'linux',
      architecture,
      ...(variant && { variant }),
      config,
      rootfs: { type: 'layers', diff_ids: layers.map(digestOf) },
    }),
  )
  const manifest = {
    schemaVersion: 2,
    mediaType: `${OCI}.manifest.v1+json`,
    config: add(configuration, `${OCI}.config.v1+json`),
    layers: layers.map((bytes, i) => {
      const [suffix, pack] = PACKINGS[packings[i % packings.length] ?? 'gzip']
      return add(Buffer.from(pack(bytes)), `${OCI}.layer.v1.tar${suffix}`)
    }),
  }
  const described = add(Buffer.from(JSON.stringify(manifest)), manifest.mediaType)
  const platform = { os: 'linux', architecture, ...(variant && { variant }) }
  return { root: { ...described, platform }, blobs, configuration, layers }
}

/** Several images, or other things, under one name. */
export function indexOf(...members: Content[]): Content {
  const blobs = new Map(members.flatMap((member) => [...member.blobs]))
  const mediaType = `${OCI}.index.v1+json`
  const bytes = Buffer.from(
    JSON.stringify({ schemaVersion: 2, mediaType, manifests: members.map(({ root }) => root) }),
  )
  const digest = digestOf(bytes)
  blobs.set(digest, bytes)
  return { root: { mediaType, digest, size: bytes.length }, blobs }
}

/** Writes an OCI image layout; each member may have a tag. */
export async function writeLayout(directory: string, members: Record<string, Content>): Promise<void> {
  const all = Object.entries(members)
  const manifests = all.map(([tag, { root }]) => ({
    ...root,
    ...(tag && { annotations: { 'org.opencontainers.image.ref.name': tag } }),
  }))
  for (const [path, bytes] of layoutFiles(
    manifests,
    all.map(([, content]) => content),
  )) {
    await mkdir(dirname(join(directory, path)), { recursive: true })
    await writeFile(join(directory, path), bytes)
  }
}

function layoutFiles(manifests: Descriptor[], contents: Content[]): [string, Buffer][] {
  const blobs = contents.flatMap(({ blobs }) => [...blobs])
  return [
    ['oci-layout', Buffer.from('{"imageLayoutVersion":"1.0.0"}')],
    ['index.json', Buffer.from(JSON.stringify({ schemaVersion: 2, manifests }))],
    ...blobs.map(([digest, bytes]): [string, Buffer] => [`blobs/${digest.replace(':', '/')}`, bytes]),
  ]
}

/** The same as one archive. */
export function layoutArchive(content: Content): Buffer {
  return tarOf(...layoutFiles([content.root], [content]).map(([path, content]) => ({ path, content })))
}

/** What older versions of `docker save` write: a layer that comes twice is a link to the first. */
export function savedArchive(image: MadeImage, tag: string): Buffer {
  const config = `${digestOf(image.configuration).slice(7)}.json`
  const names = image.layers.map((_, i) => `${i}/layer.tar`)
  const manifest = [{ Config: config, RepoTags: [tag], Layers: names }]
  return tarOf(
    { path: config, content: image.configuration },
    ...image.layers.map((content, i) => {
      const path = `${i}/layer.tar`
      const first = image.layers.findIndex((other) => other.equals(content))
      return first === i
        ? { path, content }
        : { path, type: 'symlink' as const, linkname: `../${first}/layer.tar` }
    }),
    { path: 'manifest.json', content: JSON.stringify(manifest) },
  )
}
