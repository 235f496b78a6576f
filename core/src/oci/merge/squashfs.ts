import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { execa } from 'execa'
import { CodedError } from '@startd/base/errors.ts'
import { errnoOf } from '../../s9pk/file-error.ts'
import type { Attributes } from './tree.ts'

const PIECE = 128 * 1024

/**
 * Turns a tar archive into a squashfs file system without unpacking it on disk. The same archive gives the
 * same bytes. Needs no root; the length is a multiple of 4096. The root directory belongs to root (mksquashfs
 * 4.5 knows no other owner there, and subcontainers have it so anyway).
 */
export async function squashTar(
  tar: AsyncIterable<Uint8Array>,
  output: string,
  root: Pick<Attributes, 'mode'> & { latest: number },
  signal?: AbortSignal,
): Promise<void> {
  const compression = ['-comp', 'zstd', '-Xcompression-level', '12', '-b', '256K', '-mem', '256M']
  const quiet = ['-noappend', '-quiet', '-no-progress', '-exit-on-error']
  const args = ['-', output, '-tar', ...compression, '-root-mode', root.mode.toString(8), ...quiet]
  const child = execa('mksquashfs', args, {
    reject: false,
    stdin: 'pipe',
    all: true,
    // The only way to a time of the root directory that is not now: no file may be younger than this.
    env: { SOURCE_DATE_EPOCH: `${root.latest}` },
    ...(signal && { cancelSignal: signal }),
  })
  let failure: unknown = null
  const fed = pipeline(Readable.from(pieces(tar), { objectMode: false }), child.stdin).catch(
    (cause: unknown) => {
      const code = errnoOf(cause)
      // When the program ends early, what it said counts.
      if (code === 'EPIPE' || code === 'ERR_STREAM_PREMATURE_CLOSE') return
      failure = cause
      child.kill()
    },
  )
  const [result] = await Promise.all([child, fed])
  signal?.throwIfAborted()
  if (failure !== null) throw failure
  if (!result.failed) return
  if (errnoOf(result.cause) === 'ENOENT' || result.code === 'ENOENT') {
    const text = 'mksquashfs is not installed; on Debian: apt-get install squashfs-tools (4.5 or newer)'
    throw new CodedError('Pack', text, { cause: result })
  }
  const said = result.all.trim().split('\n').slice(-5).join('\n')
  throw new CodedError('Pack', `mksquashfs failed:\n${said || result.shortMessage}`, { cause: result })
}

/** Gathers headers and small files, because each piece costs a turn of the event loop and a system call. */
async function* pieces(tar: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let [gathered, length] = [Buffer.allocUnsafeSlow(PIECE), 0]
  for await (const chunk of tar) {
    const isSmall = chunk.length < PIECE / 2
    if (length > 0 && (!isSmall || length + chunk.length > PIECE)) {
      yield gathered.subarray(0, length)
      ;[gathered, length] = [Buffer.allocUnsafeSlow(PIECE), 0]
    }
    if (isSmall) {
      gathered.set(chunk, length)
      length += chunk.length
    } else yield chunk
  }
  if (length > 0) yield gathered.subarray(0, length)
}
