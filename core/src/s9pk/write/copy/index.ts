import { setImmediate as nextTurn } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { CodedError } from '@startd/base/errors.ts'
import { errnoOf, fileError } from '../../file-error.ts'
import { COPIED, type CopyData, type CopyJob, type Hashed, SOURCE_CHANGED, STOP } from './job.ts'

export type { CopyJob } from './job.ts'

export interface CopyOptions {
  /** Bytes that are copied and hashed, of all jobs. */
  onProgress?: (done: number) => void
  signal?: AbortSignal | undefined
}

/**
 * Copies stretches of files into an open one, and hashes them there, on two threads: one fills the output, the other
 * follows it. The main thread only hears how far they are. Answers the hash of each stretch. Throws the error of the file system; the output then
 * holds a part.
 */
export async function copyFiles(
  fd: number,
  jobs: readonly CopyJob[],
  { onProgress, signal }: CopyOptions = {},
): Promise<Uint8Array[]> {
  signal?.throwIfAborted()
  if (jobs.length === 0) return []
  const shared = new SharedArrayBuffer(2 * BigInt64Array.BYTES_PER_ELEMENT)
  const workerData: CopyData = { fd, jobs, shared }
  const stop = () => {
    const state = new BigInt64Array(shared)
    Atomics.store(state, STOP, 1n)
    // Whoever is about to wait must find another number than the one that it has seen.
    Atomics.add(state, COPIED, 1n << 60n)
    Atomics.notify(state, COPIED)
  }
  const digests: Uint8Array[] = []
  const start = (file: string): [Worker, Promise<Error | null>] => {
    const thread = new Worker(new URL(file, import.meta.url), { workerData })
    return [thread, ended(thread, stop)]
  }
  signal?.addEventListener('abort', stop)
  try {
    const [, copying] = start('./copy-thread.ts')
    // Starting a thread keeps this one busy for a while; two at once would show.
    await nextTurn()
    const [hasher, hashing] = start('./hash-thread.ts')
    hasher.on('message', (said: Hashed) => {
      if ('digest' in said) digests.push(said.digest)
      else onProgress?.(said.hashed)
    })
    const ends = await Promise.all([copying, hashing])
    signal?.throwIfAborted()
    const failure = ends.find((end) => end !== null)
    if (failure) throw copyError(failure)
    return digests
  } finally {
    signal?.removeEventListener('abort', stop)
  }
}

/** Fulfils when the thread has ended, with its error; `onError` is called as soon as there is one. */
function ended(thread: Worker, onError: () => void): Promise<Error | null> {
  return new Promise((resolve) => {
    let failure: Error | null = null
    thread.once('error', (error: Error) => {
      failure = error
      onError()
    })
    thread.once('exit', () => resolve(failure))
  })
}

/** Says which source it was, where it was one; failures of the output are told by the caller. */
function copyError(cause: Error): Error {
  if (errnoOf(cause) === SOURCE_CHANGED) return new CodedError('Pack', cause.message, { cause })
  return 'path' in cause ? fileError(cause, `could not read ${String(cause.path)}`) : cause
}
