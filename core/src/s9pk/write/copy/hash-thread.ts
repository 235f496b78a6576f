import { readSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { nativeHash } from '../../blake3.ts'
import { COPIED, type CopyData, type CopyJob, type Hashed, STEP, STOP, TELL_EVERY } from './job.ts'

/*
 * The thread that hashes what the other one has put into the output, while it is in the page cache: what is signed is
 * what was written, whatever becomes of the source. `copyFiles` starts it, and an error ends it.
 */

const { fd, jobs, shared } = workerData as CopyData
const state = new BigInt64Array(shared)
const buffer = Buffer.allocUnsafeSlow(2 * STEP)
const REPORT_EVERY = 8 * TELL_EVERY
let before = 0
let reported = 0

for (const job of jobs) {
  const digest = digestOf(job)
  if (digest === null) break
  say({ digest })
  before += job.size
}
say({ hashed: before })

/** Null when the thread was told to stop. */
function digestOf({ size, to }: CopyJob): Uint8Array | null {
  const hasher = nativeHash()
  for (let at = 0; at < size;) {
    const ready = waitFor(before + at + 1)
    if (ready === null) return null
    const length = readSync(fd, buffer, 0, Math.min(buffer.length, size - at, ready - before - at), to + at)
    if (length === 0) throw new Error('the output has become shorter while it was written')
    hasher.update(buffer.subarray(0, length))
    at += length
    if (before + at - reported >= REPORT_EVERY) {
      reported = before + at
      say({ hashed: reported })
    }
  }
  return hasher.digest()
}

/** Sleeps until that many bytes are in the output; answers how many there are. */
function waitFor(bytes: number): number | null {
  for (;;) {
    if (Atomics.load(state, STOP) !== 0n) return null
    const now = Atomics.load(state, COPIED)
    if (now >= bytes) return Number(now)
    Atomics.wait(state, COPIED, now)
  }
}

function say(said: Hashed): void {
  parentPort?.postMessage(said)
}
