import { Digest, digestOf } from '../digest.ts'
import type { Descriptor } from '../documents.ts'
import { type Blobs, type Image, imageAt } from '../image.ts'
import { BlobCache } from './blob-cache.ts'
import { RegistryClient, type ClientOptions, isPassing } from './client.ts'
import { storedCredentials } from './credentials.ts'
import { type Reference, parseReference, printReference } from './reference.ts'

export interface PullOptions extends ClientOptions {
  arch: string
  /** Blobs are kept here, by digest. */
  cacheDir: string
  onStep: (text: string) => void
}

/** Layers fetched at the same time. */
const PARALLEL = 3

/**
 * The image that a registry has under a name, for one architecture. Manifest and configuration are fetched at
 * once, layers when they are needed; what is in the cache is not fetched again.
 */
export async function registryImage(text: string, options: PullOptions): Promise<Image> {
  const reference = parseReference(text)
  const credentials = options.credentials ?? (await storedCredentials(reference.host))
  const client = new RegistryClient(reference, { ...options, credentials })
  const blobs = new RegistryBlobs(reference, client, options)
  return imageAt(blobs, await blobs.start(), options.arch)
}

class RegistryBlobs implements Blobs {
  readonly what: string
  readonly #reference: Reference
  readonly #client: RegistryClient
  readonly #cache: BlobCache
  readonly #options: PullOptions

  constructor(reference: Reference, client: RegistryClient, options: PullOptions) {
    this.what = printReference(reference)
    this.#reference = reference
    this.#client = client
    this.#cache = new BlobCache(options.cacheDir)
    this.#options = options
  }

  /** What the name stands for. A tag must be asked for each time, a digest only when it is not in the cache. */
  async start(): Promise<Descriptor> {
    const { digest, tag } = this.#reference
    const size = digest === null ? null : await this.#cache.sizeOf({ digest })
    if (digest !== null && size !== null) return { mediaType: '', digest, size }
    this.#options.onStep(`Asking for ${this.what}`)
    const { bytes, mediaType, digest: claimed } = await this.#client.manifest(digest ?? tag ?? 'latest')
    const own = digestOf(bytes)
    const known = digest ?? Digest.safeParse(claimed).data ?? own
    const descriptor = { mediaType, digest: known, size: bytes.length }
    await this.#keep(descriptor, bytes)
    return descriptor
  }

  async *open(descriptor: Descriptor, what: string): AsyncGenerator<Uint8Array> {
    await this.#fetch(descriptor, what)
    yield* this.#cache.read(descriptor, what)
  }

  async prepare(layers: readonly Descriptor[]): Promise<void> {
    const missing: Descriptor[] = []
    for (const layer of layers) if (!(await this.#cache.has(layer))) missing.push(layer)
    if (missing.length === 0) return
    const size = missing.reduce((sum, layer) => sum + layer.size, 0)
    this.#options.onStep(`Fetching ${missing.length} layers of ${this.what} (${(size / 1e6).toFixed(1)} MB)`)
    const queue = missing.entries()
    let failed = false
    const work = async () => {
      for (const [number, layer] of queue) {
        if (failed) return
        await this.#fetch(layer, `layer ${number + 1} of ${this.what}`).catch((cause: unknown) => {
          failed = true
          throw cause
        })
      }
    }
    const outcomes = await Promise.allSettled(Array.from({ length: PARALLEL }, work))
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
  }

  async #fetch(descriptor: Descriptor, what: string): Promise<void> {
    const isManifest = /manifest|image\.index/.test(descriptor.mediaType)
    const fetch = async (offset: number) => {
      if (!isManifest) return this.#client.blob(descriptor.digest, offset)
      const { bytes } = await this.#client.manifest(descriptor.digest)
      return { start: 0, body: once(bytes) }
    }
    await this.#cache.ensure(descriptor, what, fetch, this.#retrying())
  }

  async #keep(descriptor: Descriptor, bytes: Buffer): Promise<void> {
    const what = `the manifest of ${this.what}`
    const fetch = async () => ({ start: 0, body: once(bytes) })
    await this.#cache.ensure(descriptor, what, fetch, { again: async () => false })
  }

  #retrying() {
    let attempt = 0
    return {
      again: async (cause: unknown, fresh: boolean) => {
        attempt = fresh ? 1 : attempt + 1
        if (attempt >= this.#client.patience.attempts || !isPassing(cause)) return false
        await this.#client.pause(attempt)
        return true
      },
    }
  }
}

async function* once(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes
}
