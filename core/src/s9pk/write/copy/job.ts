/** A stretch of a file on disk that becomes a part of the output. */
export interface CopyJob {
  source: string
  /** First byte in the source. */
  from: number
  size: number
  /** First byte in the output. */
  to: number
  /** The state in which the source must still be, as `identityOf` prints it. */
  identity: string | null
}

/** What both threads are started with. The output stays open until they have ended. */
export interface CopyData {
  fd: number
  jobs: readonly CopyJob[]
  /** Two 64-bit numbers, at `COPIED` and `STOP`. */
  shared: SharedArrayBuffer
}

/** How many bytes of all jobs, in their order, are in the output. */
export const COPIED = 0
/** Not 0 when both threads shall end early. Ending them from outside would break native code that is under way. */
export const STOP = 1

/** What the hashing thread says: how far it is, or the hash of the next job. */
export type Hashed = { hashed: number } | { digest: Uint8Array }

/**
 * Bytes given to one system call. For larger ones the kernel wants memory in long pieces, which takes it much longer in
 * a virtual machine that hands unused memory back to its host (decision 0013).
 */
export const STEP = 128 * 1024
/** How often one thread tells another how far it is. */
export const TELL_EVERY = 1024 * 1024

/** Code of the error when a source is no longer what it was. */
export const SOURCE_CHANGED = 'SOURCE_CHANGED'
