import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs'
import { workerData } from 'node:worker_threads'
import { identityOf } from '../file-identity.ts'
import { COPIED, type CopyData, type CopyJob, SOURCE_CHANGED, STEP, STOP, TELL_EVERY } from './job.ts'

/* The thread that fills the output; `copyFiles` starts it, and an error ends it. */

const { fd, jobs, shared } = workerData as CopyData
const state = new BigInt64Array(shared)
const buffer = Buffer.allocUnsafeSlow(STEP)

for (const job of jobs) copy(job)

function copy({ source, from, size, to, identity: expected }: CopyJob): void {
  const input = openSync(source, 'r')
  try {
    const identity = identityOf(fstatSync(input, { bigint: true }))
    if (expected !== null && identity !== expected) throw changed(source)
    let untold = 0
    for (let at = 0; at < size;) {
      if (Atomics.load(state, STOP) !== 0n) return
      const length = readSync(input, buffer, 0, Math.min(STEP, size - at), from + at)
      if (length === 0) throw changed(source)
      write(length, to + at)
      at += length
      untold += length
      if (untold >= TELL_EVERY || at === size) {
        tell(untold)
        untold = 0
      }
    }
    if (identityOf(fstatSync(input, { bigint: true })) !== identity) throw changed(source)
  } finally {
    closeSync(input)
  }
}

function write(length: number, position: number): void {
  for (let at = 0; at < length;) at += writeSync(fd, buffer, at, length - at, position + at)
}

function tell(bytes: number): void {
  Atomics.add(state, COPIED, BigInt(bytes))
  Atomics.notify(state, COPIED)
}

function changed(source: string): Error {
  const error = new Error(`${source} changed while the package was written; try again`)
  return Object.assign(error, { code: SOURCE_CHANGED })
}
