import type { FileHandle } from 'node:fs/promises'
import { fileError } from '../file-error.ts'
import { BATCH, BatchWriter, newBatch } from './batch-writer.ts'

/** The disk is told to start storing each time this much was written, so that the last sync is short. */
const SYNC_EVERY = 16 * 1024 * 1024

/** Appends to a file. Chunks are copied; batches are written while the next ones gather. */
export class FileSink {
  readonly #handle: FileHandle
  #gathering = newBatch()
  #gathered = 0
  #position = 0
  /** Only a file of more than one batch is worth a thread. */
  #writer: BatchWriter | null = null
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

  /** The hash of a part that is still to come, once it is in the file; to be asked for in the order of the file. */
  hash(position: number, size: number): Promise<Uint8Array> {
    return this.#start().hash({ position, size })
  }

  /** All that was taken is in the file, though not yet on the disk, when this resolves. */
  async flush(): Promise<void> {
    try {
      if (this.#writer) {
        await this.#send()
        await this.#writer.idle()
      } else await this.#writeDirectly()
    } catch (cause) {
      throw storeError(cause)
    }
    await this.#syncing
    if (this.#syncFailure) throw storeError(this.#syncFailure)
  }

  /** Ends what is under way, whatever becomes of it: the file may be closed afterwards. */
  async settle(): Promise<void> {
    await this.#writer?.close()
    await this.#syncing
  }

  #start(): BatchWriter {
    return (this.#writer ??= new BatchWriter(this.#handle.fd, (bytes) => this.#written(bytes)))
  }

  async #writeInParts(chunk: Uint8Array): Promise<void> {
    for (let at = 0; at < chunk.length;) {
      const part = chunk.subarray(at, at + BATCH - this.#gathered)
      await this.write(part)
      at += part.length
    }
  }

  #send(): Promise<void> | undefined {
    const writer = this.#start()
    const [bytes, length, position] = [this.#gathering, this.#gathered, this.#position]
    this.#position += length
    this.#gathered = 0
    try {
      const next = writer.exchange({ bytes, length, position })
      if (next instanceof Promise) return this.#goOnWith(next)
      this.#gathering = next
      return undefined
    } catch (cause) {
      throw storeError(cause)
    }
  }

  async #goOnWith(next: Promise<Uint8Array<ArrayBuffer>>): Promise<void> {
    this.#gathering = await next.catch((cause: unknown) => {
      throw storeError(cause)
    })
  }

  async #writeDirectly(): Promise<void> {
    for (let done = 0; done < this.#gathered;) {
      const { bytesWritten } = await this.#handle.write(this.#gathering, done, this.#gathered - done, done)
      done += bytesWritten
    }
  }

  #written(bytes: number): void {
    this.#unsynced += bytes
    if (this.#unsynced < SYNC_EVERY || this.#syncing) return
    this.#unsynced = 0
    this.#syncing = this.#handle
      .datasync()
      .catch((cause: unknown) => {
        this.#syncFailure = cause
      })
      .finally(() => {
        this.#syncing = null
      })
  }
}

const storeError = (cause: unknown) => fileError(cause, 'could not store the package')
