import { writeSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'

/** A stretch of the file, and the memory that holds it; the memory is sent back once it was written. */
export interface Batch {
  bytes: Uint8Array<ArrayBuffer>
  length: number
  position: number
}

/**
 * Bytes given to one system call, as `cp` does it. For larger ones the kernel wants memory in long pieces, which takes
 * it up to eight times as long in a virtual machine that hands unused memory back to its host.
 */
const STEP = 128 * 1024

/* The thread that `BatchWriter` starts; an error ends it. */

const { fd } = workerData as { fd: number }
parentPort?.on('message', ({ bytes, length, position }: Batch) => {
  for (let done = 0; done < length;) {
    done += writeSync(fd, bytes, done, Math.min(STEP, length - done), position + done)
  }
  parentPort?.postMessage(bytes, [bytes.buffer])
})
