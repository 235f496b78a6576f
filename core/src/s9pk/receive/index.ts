import { mkdir, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { CodedError } from '@startd/base/errors.ts'
import { newGuid } from '@startd/base/base32.ts'
import type { Manifest } from '@startd/base/manifest.ts'
import {
  type Commitment,
  HEADER_SIZE,
  S9pk,
  S9pkError,
  archiveName,
  base64,
  checkLength,
  endOf,
  expectedFiles,
  mediaType,
  publicKeyPem,
  regionsOf,
} from '@startd/base/s9pk/index.ts'
import { nativeHash } from '../blake3.ts'
import { fileError } from '../file-error.ts'
import { handleSource, pathSource } from '../file-source.ts'
import { FileSink } from './file-sink.ts'
import { checkSpace, publish } from './publish.ts'
import { readFilesBehind, readTablesBehind } from './read-behind.ts'
import { StreamingVerifier, checkSize } from '@startd/base/s9pk/streaming-verifier.ts'

export interface ReceiveOptions {
  /** Architecture of this machine as Linux names it; a package without images for it is refused. */
  arch: string
  /** Largest package to accept, in bytes. */
  maxSize?: number
  /** The exact archive that is expected. */
  commitment?: Commitment | null
  /** What the sender announced as length, for progress. */
  size?: number | null
  /** Called once, as soon as the package is known to be for this machine; mostly long before its last byte. */
  onHeader?: (preview: PackagePreview) => void | Promise<void>
  /** Bytes received, and bytes in all where that is known. */
  onProgress?: (received: number, total: number | null) => void
  signal?: AbortSignal
}

export interface PackagePreview {
  manifest: Manifest
  commitment: Commitment
  /** PEM of the key that signed the package. */
  developerKey: string
  /** The icon as a data URL, where it has arrived already. */
  icon: string | null
  size: number
}

export interface ReceivedS9pk {
  /** Final place of the file. */
  path: string
  size: number
  s9pk: S9pk
}

export const DEFAULT_MAX_SIZE = 64 * 1024 ** 3

/**
 * Takes a package off a stream into `<directory>/installed/<root hash>.s9pk`, verifying signature, limits,
 * tables and every file as the bytes arrive. Rejects at the first byte that is wrong and then leaves nothing
 * behind. The stream belongs to the caller: after a failure it is neither drained nor closed. Of its chunks nothing
 * is kept when the next one is asked for, so their memory may be used again.
 */
export async function receiveS9pk(
  stream: AsyncIterable<Uint8Array>,
  directory: string,
  options: ReceiveOptions,
): Promise<ReceivedS9pk> {
  const { commitment = null, maxSize = DEFAULT_MAX_SIZE } = options
  checkSize(options.size ?? 0, maxSize)
  await using undo = new AsyncDisposableStack()
  const downloading = join(directory, 'downloading')
  await mkdir(downloading, { recursive: true })
  await mkdir(join(directory, 'installed'), { recursive: true })
  const temporary = join(downloading, `${newGuid().toLowerCase()}.s9pk`)
  undo.defer(() => rm(temporary, { force: true }))
  const handle = undo.use(await open(temporary, 'wx+').catch(rethrow))
  const sink = new FileSink(handle)
  undo.defer(() => sink.settle())

  const hashStored = (position: number, size: number) => sink.hash(position, size)
  const verifier = new StreamingVerifier({ hash: nativeHash, hashStored, commitment, maxSize })
  let announced = false
  for await (const chunk of untilAborted(stream, options.signal)) {
    verifier.push(chunk)
    const full = sink.write(chunk)
    if (full) await full
    if (!announced && verifier.complete && verifier.manifest) {
      announced = true
      await checkSpace(downloading, verifier.announcedSize - verifier.position)
      await announce(verifier, options)
    }
    options.onProgress?.(
      verifier.position,
      verifier.complete ? verifier.announcedSize : (options.size ?? null),
    )
  }
  await sink.flush()
  const header = verifier.requireHeader()
  const written = handleSource(handle, verifier.position)
  await readTablesBehind(verifier, written)
  const regions = regionsOf(header, HEADER_SIZE, verifier.root)
  checkLength(regions, verifier.position)
  await verifier.checked()
  await readFilesBehind(verifier, written)
  if (!verifier.manifest)
    throw new S9pkError('missing-file', 'the package has no manifest.json; ask its author for a complete one')
  if (!announced) await announce(verifier, options)

  const size = endOf(regions)
  if (size < verifier.position) await handle.truncate(size)
  await handle.sync().catch(rethrow)
  options.signal?.throwIfAborted()
  const path = await publish(temporary, join(directory, 'installed'), archiveName(header.root))
  return { path, size, s9pk: new S9pk(verifier.archive(pathSource(path, size)), verifier.manifest) }
}

async function announce(verifier: StreamingVerifier, options: ReceiveOptions): Promise<void> {
  const { manifest, root, icon, announcedSize: size } = verifier
  const archive = verifier.archive({
    size: null,
    read: () => Promise.reject(new TypeError('still arriving')),
  })
  expectedFiles(manifest!, root, options.arch)
  await options.onHeader?.({
    manifest: manifest!,
    commitment: new S9pk(archive, manifest!).commitment,
    developerKey: publicKeyPem(archive.header.signer),
    icon: icon && `data:${mediaType(icon.name)};base64,${base64(icon.bytes)}`,
    size,
  })
}

/** The stream's chunks, until it ends or the transfer is cancelled; the stream itself is left open. */
async function* untilAborted(
  stream: AsyncIterable<Uint8Array>,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const iterator = stream[Symbol.asyncIterator]()
  let cancel: (() => void) | null = null
  const onAbort = () => cancel?.()
  signal?.addEventListener('abort', onAbort, { once: true })
  try {
    for (;;) {
      const next = await new Promise<IteratorResult<Uint8Array>>((resolve, reject) => {
        cancel = () =>
          reject(new CodedError('Cancelled', 'the transfer was cancelled', { cause: signal?.reason }))
        if (signal?.aborted) cancel()
        else iterator.next().then(resolve, reject)
      })
      if (next.done) return
      yield next.value
    }
  } finally {
    signal?.removeEventListener('abort', onAbort)
  }
}

function rethrow(cause: unknown): never {
  throw fileError(cause, 'could not store the package')
}
