import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { HEADER_SIZE, type Commitment } from '@startd/base/s9pk/index.ts'
import { diskFull, fileError } from '../file-error.ts'
import { checked, settleHash } from './checked.ts'
import { type CopyJob, copyFiles } from './copy/index.ts'
import { Draft } from './draft.ts'
import { type FileBody, filesOf, layOut } from './layout.ts'
import type { PrintOptions } from './print.ts'
import { signTree } from './signing.ts'
import type { SourceTree } from './source-tree.ts'

export interface WriteOptions extends PrintOptions {
  onProgress?: (written: number, total: number) => void
  signal?: AbortSignal | undefined
}

/** Less than this is copied here: threads take longer to start. */
const WORTH_THREADS = 1024 * 1024

/**
 * Writes a package file, whole or not at all: it appears under `path`, in place of what was there, when it is complete
 * and on the disk. Contents come first, each read once; their hashes then go into tables and header.
 */
export async function writeArchive(
  tree: SourceTree,
  path: string,
  options: WriteOptions,
): Promise<Commitment> {
  const layout = layOut(tree, options.order ?? 'priority')
  try {
    await using draft = await Draft.open(path)
    await needSpace(path, layout.size)
    const [large, small] = parted(filesOf(layout))
    let written = 0
    const progress = (bytes: number) => {
      draft.startStoring(bytes)
      options.onProgress?.(Math.min(bytes, layout.size), layout.size)
    }
    for (const body of small) {
      let position = body.entry.position
      for await (const piece of checked(body)) {
        options.signal?.throwIfAborted()
        await draft.handle.write(piece, 0, piece.length, position)
        position += piece.length
        progress((written += piece.length))
      }
    }
    const hashes = await copyFiles(draft.handle.fd, large.map(jobOf), {
      onProgress: (done) => progress(written + done),
      signal: options.signal,
    })
    large.forEach((body, i) => settleHash(body, hashes[i]!))
    const { header, commitment } = signTree(tree, layout, options.signer)
    await draft.handle.write(header, 0, HEADER_SIZE, 0)
    for (const body of layout.bodies) {
      if (body.kind !== 'table') continue
      const { bytes, position } = body
      await draft.handle.write(bytes, 0, bytes.length, position)
    }
    await draft.finish()
    options.onProgress?.(layout.size, layout.size)
    return commitment
  } catch (cause) {
    if (options.signal?.aborted) throw options.signal.reason
    throw fileError(cause, `could not write ${path}`)
  }
}

/** What the threads copy, and what is copied here. */
function parted(files: FileBody[]): [large: FileBody[], small: FileBody[]] {
  const large = files.filter(({ content }) => content.stretch !== undefined)
  const bytes = large.reduce((sum, { entry }) => sum + entry.size, 0)
  return bytes < WORTH_THREADS
    ? [[], files]
    : [large, files.filter(({ content }) => content.stretch === undefined)]
}

function jobOf({ content, entry }: FileBody): CopyJob {
  const { path: source, position: from, identity } = content.stretch!
  return { source, from, size: entry.size, to: entry.position, identity }
}

async function needSpace(path: string, size: number): Promise<void> {
  const { bavail, bsize } = await statfs(dirname(path))
  if (bavail * bsize < size) throw diskFull(undefined, size, bavail * bsize)
}
