import { writeSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { nativeHash } from '../blake3.ts'

/** The next bytes of the file, and the memory that holds them; the memory is sent back once they were written. */
export interface Batch {
  bytes: Uint8Array<ArrayBuffer>
  length: number
  position: number
}

/** A part of the file whose hash is wanted. They come in the order of the file, and before their first byte. */
export interface Stretch {
  position: number
  size: number
}

/** What the thread is told; nothing comes after `end`. */
export type Task = { batch: Batch } | { stretch: Stretch } | { end: true }
/** What it answers, in the order of the tasks of each kind. */
export type Done = { emptied: Batch['bytes'] } | { digest: Uint8Array }

/**
 * Bytes given to one system call, as `cp` does it. For larger ones the kernel wants memory in long pieces, which takes
 * it up to eight times as long in a virtual machine that hands unused memory back to its host.
 */
const STEP = 128 * 1024

/* The thread that `BatchWriter` starts; an error ends it. */

const { fd } = workerData as { fd: number }
const stretches: (Stretch & { hasher: ReturnType<typeof nativeHash> })[] = []

parentPort?.on('message', (task: Task) => {
  if ('end' in task) {
    parentPort?.close()
    return
  }
  if ('stretch' in task) {
    stretches.push({ ...task.stretch, hasher: nativeHash() })
    return
  }
  write(task.batch)
  hash(task.batch)
  parentPort?.postMessage({ emptied: task.batch.bytes } satisfies Done, [task.batch.bytes.buffer])
})

function write({ bytes, length, position }: Batch): void {
  for (let done = 0; done < length;) {
    done += writeSync(fd, bytes, done, Math.min(STEP, length - done), position + done)
  }
}

function hash({ bytes, length, position }: Batch): void {
  const batchEnd = position + length
  for (let stretch = stretches[0]; stretch; stretch = stretches[0]) {
    const end = stretch.position + stretch.size
    const part = [Math.max(stretch.position, position), Math.min(end, batchEnd)] as const
    if (part[0] < part[1]) stretch.hasher.update(bytes.subarray(part[0] - position, part[1] - position))
    if (end > batchEnd) return
    stretches.shift()
    parentPort?.postMessage({ digest: stretch.hasher.digest() } satisfies Done)
  }
}
