import { createHash } from 'node:crypto'
import { type FileHandle, mkdir, open, readdir, rename, rm, stat, statfs, utimes } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { CodedError } from '@startd/base/errors.ts'
import { diskFull, errnoOf, fileError } from '../../s9pk/file-error.ts'
import { damaged, partsOf, verified } from '../digest.ts'
import type { Descriptor } from '../documents.ts'
import { fileChunks } from '../local/files.ts'

/** Gives the bytes of a blob from an offset on; `start` is where they really begin. */
export type Fetch = (offset: number) => Promise<{ start: number; body: AsyncIterable<Uint8Array> }>

export interface Retrying {
  /** Whether another try makes sense; waits before it says yes. `fresh` when new bytes have come since the last. */
  again(cause: unknown, fresh: boolean): Promise<boolean>
}

/** Downloads of this process, by path: whoever wants the same blob waits for the one that is under way. */
const UNDER_WAY = new Map<string, Promise<void>>()

/** Blobs on disk, by digest. What was fetched in part is kept and gone on with, also by the next process. */
export class BlobCache {
  readonly #directory: string

  constructor(directory: string) {
    this.#directory = directory
  }

  /** The bytes of a blob that is here, checked. A damaged one is removed, so that it is fetched anew next time. */
  async *read(descriptor: Descriptor, what: string): AsyncGenerator<Uint8Array> {
    const path = this.#path(descriptor)
    try {
      yield* verified(fileChunks(path), descriptor, what)
    } catch (cause) {
      if (cause instanceof CodedError && cause.kind === 'Deserialization') await rm(path, { force: true })
      throw cause
    }
  }

  async has(descriptor: Descriptor): Promise<boolean> {
    return (await this.sizeOf(descriptor)) === descriptor.size
  }

  /** Length of a blob that is here; null otherwise. */
  async sizeOf(blob: Pick<Descriptor, 'digest'>): Promise<number | null> {
    const path = this.#path(blob)
    const info = await stat(path).catch(() => null)
    // The time of last use, for whoever clears the cache.
    if (info !== null) await utimes(path, new Date(), new Date()).catch(() => undefined)
    return info?.size ?? null
  }

  /** Fetches a blob unless it is here. */
  async ensure(descriptor: Descriptor, what: string, fetch: Fetch, retrying: Retrying): Promise<void> {
    if (await this.has(descriptor)) return
    const key = this.#path(descriptor)
    const running =
      UNDER_WAY.get(key) ??
      this.#fetch(descriptor, what, fetch, retrying).finally(() => UNDER_WAY.delete(key))
    UNDER_WAY.set(key, running)
    return running
  }

  async #fetch(descriptor: Descriptor, what: string, fetch: Fetch, retrying: Retrying): Promise<void> {
    const path = this.#path(descriptor)
    try {
      await mkdir(dirname(path), { recursive: true })
      const part = await claimPart(path)
      const { bavail, bsize } = await statfs(dirname(path))
      await using handle = await open(part, 'a+')
      const kept = (await handle.stat()).size
      if (descriptor.size - kept > bavail * bsize)
        throw diskFull(null, descriptor.size - kept, bavail * bsize)
      try {
        await download(handle, descriptor, what, fetch, retrying)
      } catch (cause) {
        if (cause instanceof CodedError && cause.kind === 'Deserialization') await rm(part, { force: true })
        throw cause
      }
      await rename(part, path)
    } catch (cause) {
      throw isAbort(cause) ? cause : fileError(cause, `could not keep ${what}`)
    }
  }

  #path({ digest }: Pick<Descriptor, 'digest'>): string {
    return join(this.#directory, ...partsOf(digest))
  }
}

/** A file of our own to go on with: what a process that is gone has left, or a new one. */
async function claimPart(path: string): Promise<string> {
  const own = `${path}.${process.pid}.part`
  const prefix = `${path.slice(dirname(path).length + 1)}.`
  for (const name of await readdir(dirname(path))) {
    const owner = name.startsWith(prefix) ? /^(\d+)\.part$/.exec(name.slice(prefix.length))?.[1] : undefined
    if (owner === undefined || isAlive(Number(owner))) continue
    await rename(join(dirname(path), name), own).catch(() => undefined)
  }
  return own
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (cause) {
    return errnoOf(cause) !== 'ESRCH'
  }
}

async function download(
  handle: FileHandle,
  { digest, size }: Descriptor,
  what: string,
  fetch: Fetch,
  retrying: Retrying,
): Promise<void> {
  const [algorithm, hex] = partsOf(digest)
  let { hash, length } = await hashed(handle, algorithm, size)
  const resumed = length > 0
  for (let before = length; length < size;) {
    try {
      const { start, body } = await fetch(length)
      if (start === 0 && length > 0) {
        await handle.truncate(0)
        ;[hash, length, before] = [createHash(algorithm), 0, 0]
      }
      for await (const chunk of body) {
        if (length + chunk.length > size) throw damaged(what, `is longer than the ${size} bytes announced`)
        hash.update(chunk)
        await handle.writeFile(chunk)
        length += chunk.length
      }
      if (length < size) throw new CodedError('Network', `${what} ends after ${length} of ${size} bytes`)
    } catch (cause) {
      if (!(await retrying.again(cause, length > before))) throw cause
      before = length
    }
  }
  if (hash.digest('hex') === hex) return
  await handle.truncate(0)
  // What an earlier process has left may have been damaged; from the start it is the registry's fault.
  if (!resumed) throw damaged(what, `does not match its digest ${digest}`)
  await download(handle, { digest, size, mediaType: '' }, what, fetch, retrying)
}

function isAbort(cause: unknown): boolean {
  return cause instanceof Error && cause.name === 'AbortError'
}

/** The hash over what is there already. */
async function hashed(handle: FileHandle, algorithm: string, size: number) {
  const hash = createHash(algorithm)
  let length = 0
  const buffer = Buffer.alloc(256 * 1024)
  for (;;) {
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, length)
    if (bytesRead === 0) return { hash, length }
    hash.update(buffer.subarray(0, bytesRead))
    length += bytesRead
    if (length <= size) continue
    await handle.truncate(0)
    return { hash: createHash(algorithm), length: 0 }
  }
}
