import { rm } from 'node:fs/promises'
import { CodedError } from '@startd/base/errors.ts'
import { decompressed } from '../decompress.ts'
import { type Digest, verified } from '../digest.ts'
import { IMAGE_LIMITS, type ImageLimits } from '../limits.ts'
import { type TarEntry, readable } from '../tar/entry.ts'
import { type TarItem, readTar } from '../tar/read.ts'
import { applyEntry } from './apply.ts'
import { type Plan, emit, planOf } from './emit.ts'
import { squashTar } from './squashfs.ts'
import { type Directory, emptyDirectory } from './tree.ts'

/** One tar archive of a root file system, lowest first. It is read twice. */
export interface Layer {
  /** How messages call it. */
  what: string
  /** Its bytes, packed or not. */
  open(): AsyncIterable<Uint8Array>
  /** Digest of the unpacked archive, where one is known. */
  diffId?: Digest | undefined
}

export interface MergeOptions {
  /** How messages call the whole. */
  what: string
  /** False for an archive that is no layer: `.wh.` names are files like others then. */
  whiteouts: boolean
  onStep?: (text: string) => void
  limits?: ImageLimits
  signal?: AbortSignal | undefined
}

/** Mounted over, or written to, when a service starts; images from scratch lack them. */
const MOUNT_POINTS = ['dev', 'etc', 'proc', 'run', 'sys', 'tmp']

/**
 * Makes a squashfs out of layers. They are read once to see which files remain, and once more to copy these
 * into the file system: nothing is unpacked on disk, so no path or link in them can reach anything.
 */
export async function squashLayers(
  layers: readonly Layer[],
  output: string,
  options: MergeOptions,
): Promise<void> {
  const limits = options.limits ?? IMAGE_LIMITS
  if (layers.length > limits.layers) {
    throw new CodedError('Pack', `${options.what} has more than ${limits.layers} layers`)
  }
  const { plan, mode } = await planLayers(layers, options)
  const again = (number: number) => itemsOf(layers[number], limits, false)
  try {
    await squashTar(emit(plan, options.what, again), output, { mode, latest: plan.latest }, options.signal)
  } catch (cause) {
    await rm(output, { force: true })
    throw cause
  }
}

/** What the file system will consist of, and the mode of its root. The tree, which is large, is free again afterwards. */
async function planLayers(
  layers: readonly Layer[],
  options: MergeOptions,
): Promise<{ plan: Plan; mode: number }> {
  const root = await mergeLayers(layers, options)
  for (const name of MOUNT_POINTS) {
    if (root.children.has(name)) continue
    const directory = emptyDirectory()
    if (name === 'tmp') directory.attributes = { ...directory.attributes, mode: 0o1777 }
    root.children.set(name, { node: directory, layer: layers.length })
  }
  const plan = planOf(root, options.what)
  if (plan.devices.length > 0) {
    const [first = ''] = plan.devices
    options.onStep?.(
      `Leaving out ${plan.devices.length} device nodes of ${options.what}, such as ${readable(first)}: services get devices from the server`,
    )
  }
  return { plan, mode: root.attributes.mode }
}

/** The tree that remains when all layers lie over one another. */
export async function mergeLayers(layers: readonly Layer[], options: MergeOptions): Promise<Directory> {
  const limits = options.limits ?? IMAGE_LIMITS
  const root = emptyDirectory()
  let { unpacked: bytes, entries, metadata } = limits
  for (const [number, layer] of layers.entries()) {
    let index = 0
    for await (const { entry } of itemsOf(layer, { ...limits, unpacked: bytes, entries }, true)) {
      options.signal?.throwIfAborted()
      const { what } = layer
      applyEntry(root, entry, { layer: number, index: index++, what, whiteouts: options.whiteouts })
      bytes -= entry.size
      entries--
      metadata -= metadataSize(entry)
      if (metadata < 0) throw new CodedError('Pack', `${what} has too many bytes of names and attributes`)
    }
  }
  return root
}

function metadataSize({ path, linkname, xattrs }: TarEntry): number {
  let size = path.length + linkname.length
  for (const [name, value] of xattrs) size += name.length + value.length
  return size
}

async function* itemsOf(
  layer: Layer | undefined,
  limits: ImageLimits,
  check: boolean,
): AsyncGenerator<TarItem> {
  if (layer === undefined) return
  const { what, diffId } = layer
  const unpacked = decompressed(layer.open(), what)
  const tar = check && diffId ? verified(unpacked, { digest: diffId }, `${what}, unpacked,`) : unpacked
  yield* readTar(tar, what, { bytes: limits.unpacked, entries: limits.entries })
}
