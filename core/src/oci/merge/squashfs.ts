import type { Writable } from 'node:stream'
import { execa } from 'execa'
import { CodedError } from '@startd/base/errors.ts'
import { errnoOf } from '../../s9pk/file-error.ts'
import type { Attributes } from './tree.ts'

const PIECE = 128 * 1024
/** What writing to a program that has ended fails with. */
const CLOSED = new Set(['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_PREMATURE_CLOSE'])

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
  // Each write tells of its own failure.
  child.stdin.on('error', () => undefined)
  const fed = feed(tar, child.stdin).catch((cause: unknown) => {
    // When the program ends early, what it said counts.
    if (CLOSED.has(errnoOf(cause) ?? '')) return
    failure = cause
    child.kill()
  })
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

/** Hands headers and contents over in pieces of one size, out of two buffers that take turns. */
async function feed(tar: AsyncIterable<Uint8Array>, input: Writable): Promise<void> {
  let [filling, writing] = [Buffer.allocUnsafeSlow(PIECE), Buffer.allocUnsafeSlow(PIECE)]
  let length = 0
  let written = Promise.resolve()
  const send = async () => {
    await written
    written = write(input, filling.subarray(0, length))
    // It is waited for later, and may have failed before.
    written.catch(() => undefined)
    ;[filling, writing, length] = [writing, filling, 0]
  }
  for await (const chunk of tar) {
    for (let at = 0; at < chunk.length;) {
      const part = chunk.subarray(at, at + PIECE - length)
      filling.set(part, length)
      at += part.length
      length += part.length
      if (length === PIECE) await send()
    }
  }
  await send()
  await written
  input.end()
}

function write(output: Writable, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    output.write(bytes, (error) => (error ? reject(error) : resolve()))
  })
}
