import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { CodedError } from '@startd/base/errors.ts'
import {
  type Archive,
  type Commitment,
  HEADER_SIZE,
  type Header,
  SIGNING_CONTEXT,
  commitmentOf,
  directoryHash,
  expectedFiles,
  printHeader,
  publicKeyOf,
  sameBytes,
  sign,
  signedMessage,
  tableSize,
} from '@startd/base/s9pk/index.ts'
import type { Manifest } from '@startd/base/manifest.ts'
import { nativeHash } from '../blake3.ts'
import { fileError } from '../file-error.ts'
import { FileSink } from '../receive/file-sink.ts'
import type { Content } from './content.ts'
import { type Order, layOut } from './layout.ts'
import { type SourceTree, filterTree, treeOfArchive } from './source-tree.ts'

/** Signs a new tree, or keeps the signature of one that was read and still has the same signed parts. */
export type Signer = { seed: Uint8Array } | { keep: Header }

export interface WriteOptions {
  signer: Signer
  order?: Order
  onProgress?: (written: number, total: number) => void
  signal?: AbortSignal
}

/**
 * All bytes of the package in order, each piece until the next one is asked for. Every file is checked against its
 * signed hash as it passes.
 */
export async function* printArchive(tree: SourceTree, options: WriteOptions): AsyncGenerator<Uint8Array> {
  const layout = layOut(tree, options.order ?? 'priority')
  const header = {
    ...signedHeader(tree, options.signer),
    tablePosition: HEADER_SIZE,
    tableSize: layout.tableSize,
  }
  yield printHeader(header)
  for (const body of layout.bodies) {
    if (body.kind === 'table') yield body.bytes
    else yield* checked(body.content, body.path)
  }
}

/** Writes a package file, whole or not at all: it appears under `path` when it is complete and on the disk. */
export async function writeArchive(
  tree: SourceTree,
  path: string,
  options: WriteOptions,
): Promise<Commitment> {
  const temporary = `${path}.tmp`
  try {
    await using undo = new AsyncDisposableStack()
    undo.defer(() => rm(temporary, { force: true }))
    const handle = undo.use(await open(temporary, 'w'))
    const sink = new FileSink(handle)
    undo.defer(() => sink.settle())
    const { size } = layOut(tree, options.order ?? 'priority')
    let written = 0
    for await (const piece of printArchive(tree, options)) {
      options.signal?.throwIfAborted()
      const full = sink.write(piece)
      if (full) await full
      written += piece.length
      options.onProgress?.(written, size)
    }
    await sink.flush()
    await handle.sync()
    await rename(temporary, path)
    await using folder = await open(dirname(path), 'r')
    await folder.sync()
  } catch (cause) {
    throw fileError(cause, `could not write ${path}`)
  }
  return commitmentOf(signedHeader(tree, options.signer))
}

/** The tree of an archive without what a machine of `arch` does not need; it keeps its signature. */
export function filterArchitecture(archive: Archive, manifest: Manifest, arch: string): SourceTree {
  return filterTree(treeOfArchive(archive), expectedFiles(manifest, archive.root, arch))
}

function signedHeader(tree: SourceTree, signer: Signer): Omit<Header, 'tablePosition' | 'tableSize'> {
  if ('keep' in signer) return signer.keep
  const root = directoryHash(tree.root, nativeHash)
  const rootMaxsize = tableSize(tree.root)
  const signature = sign(signedMessage(root, rootMaxsize), signer.seed, SIGNING_CONTEXT)
  return { signer: publicKeyOf(signer.seed), signature, root, rootMaxsize }
}

async function* checked(content: Content, path: string): AsyncGenerator<Uint8Array> {
  const hasher = nativeHash()
  let size = 0
  for await (const piece of content.read()) {
    size += piece.length
    if (size > content.size) break
    hasher.update(piece)
    yield piece
  }
  if (size !== content.size || !sameBytes(hasher.digest(), content.hash)) {
    throw new CodedError('Pack', `${path} changed while the package was written; try again`)
  }
}
