import type { FileHandle } from 'node:fs/promises'
import { fileError } from '../file-error.ts'

/** Bytes gathered before one system call writes them. */
const BATCH = 1024 * 1024
/** The disk is told to start storing each time this much was written, so that the last sync is short. */
const SYNC_EVERY = 16 * 1024 * 1024

/** Appends to a file. Chunks are copied; one batch is written while the next one gathers. */
export class FileSink {
  readonly #handle: FileHandle
  #gathering = Buffer.allocUnsafeSlow(BATCH)
  #spare = Buffer.allocUnsafeSlow(BATCH)
  #gathered = 0
  #position = 0
  #writing: Promise<void> = Promise.resolve()
  #syncing: Promise<void> | null = null
  /** Linux reports a failed sync once, so it is kept for `flush`. */
  #syncFailure: unknown = null
  #unsynced = 0

  constructor(handle: FileHandle) {
    this.#handle = handle
  }

  /** Takes a chunk. Answers with a promise only when the disk must be waited for. */
  write(chunk: Uint8Array): Promise<void> | undefined {
    if (chunk.length > BATCH - this.#gathered) return this.#writeInParts(chunk)
    this.#gathering.set(chunk, this.#gathered)
    this.#gathered += chunk.length
    return this.#gathered === BATCH ? this.#send() : undefined
  }

  /** All that was taken is in the file, though not yet on the disk, when this resolves. */
  async flush(): Promise<void> {
    await this.#send()
    await this.#writing
    await this.#syncing
    if (this.#syncFailure) throw this.#syncFailure
  }

  /** Waits for what is under way, whatever becomes of it: the file may be closed afterwards. */
  async settle(): Promise<void> {
    await Promise.allSettled([this.#writing, this.#syncing])
  }

  async #writeInParts(chunk: Uint8Array): Promise<void> {
    for (let at = 0; at < chunk.length;) {
      const part = chunk.subarray(at, at + BATCH - this.#gathered)
      await this.write(part)
      at += part.length
    }
  }

  async #send(): Promise<void> {
    await this.#writing
    const batch = this.#gathering.subarray(0, this.#gathered)
    if (batch.length === 0) return
    ;[this.#gathering, this.#spare] = [this.#spare, this.#gathering]
    this.#gathered = 0
    this.#writing = this.#writeAll(batch, this.#position)
    // A failure is thrown by the next `write` or `flush`; until then nobody waits for it.
    this.#writing.catch(() => undefined)
    this.#position += batch.length
    this.#unsynced += batch.length
    if (this.#unsynced >= SYNC_EVERY && !this.#syncing) this.#startSync()
  }

  async #writeAll(batch: Uint8Array, position: number): Promise<void> {
    try {
      for (let done = 0; done < batch.length;) {
        const { bytesWritten } = await this.#handle.write(batch, done, batch.length - done, position + done)
        done += bytesWritten
      }
    } catch (cause) {
      throw fileError(cause, 'could not store the package')
    }
  }

  #startSync(): void {
    this.#unsynced = 0
    this.#syncing = this.#handle
      .datasync()
      .catch((cause: unknown) => {
        this.#syncFailure = fileError(cause, 'could not store the package')
      })
      .finally(() => {
        this.#syncing = null
      })
  }
}
