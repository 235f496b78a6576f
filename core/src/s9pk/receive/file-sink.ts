import type { FileHandle } from 'node:fs/promises'
import { fileError } from '../file-error.ts'

/** Chunks are gathered to this many bytes before one system call writes them. */
const BATCH = 4 * 1024 * 1024
/** Linux takes at most 1024 buffers in one call. */
const MAX_BUFFERS = 1024

/** Appends chunks to a file; one write is under way while the next batch gathers. Chunks must not change after. */
export class FileSink {
  readonly #handle: FileHandle
  #position = 0
  #batch: Uint8Array[] = []
  #batched = 0
  #writing: Promise<void> = Promise.resolve()

  constructor(handle: FileHandle) {
    this.#handle = handle
  }

  /** Waits only when the disk is slower than the sender. */
  async write(chunk: Uint8Array): Promise<void> {
    if (chunk.length === 0) return
    this.#batch.push(chunk)
    this.#batched += chunk.length
    if (this.#batched >= BATCH || this.#batch.length >= MAX_BUFFERS) await this.#send()
  }

  /** Everything written up to now is in the file (not yet on the disk) when this resolves. */
  async flush(): Promise<void> {
    await this.#send()
    await this.#writing
  }

  /** Waits for the write under way, whatever becomes of it: the file may be closed afterwards. */
  async settle(): Promise<void> {
    await this.#writing.catch(() => undefined)
  }

  async #send(): Promise<void> {
    await this.#writing
    const batch = this.#batch
    const position = this.#position
    this.#batch = []
    this.#position += this.#batched
    this.#batched = 0
    if (batch.length === 0) return
    this.#writing = writeAll(this.#handle, batch, position)
    // The failure is thrown by the next `write` or `flush`; until then nobody waits for it.
    this.#writing.catch(() => undefined)
  }
}

async function writeAll(handle: FileHandle, batch: Uint8Array[], position: number): Promise<void> {
  const total = batch.reduce((sum, { length }) => sum + length, 0)
  try {
    let written = 0
    let rest = batch
    while (written < total) {
      const { bytesWritten } = await handle.writev(rest, position + written)
      written += bytesWritten
      rest = written < total ? withoutFirst(rest, bytesWritten) : []
    }
  } catch (cause) {
    throw fileError(cause, 'could not store the package')
  }
}

function withoutFirst(buffers: Uint8Array[], count: number): Uint8Array[] {
  let skip = count
  const rest: Uint8Array[] = []
  for (const buffer of buffers) {
    if (skip >= buffer.length) skip -= buffer.length
    else {
      rest.push(buffer.subarray(skip))
      skip = 0
    }
  }
  return rest
}
