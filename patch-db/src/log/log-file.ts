import { open, readFile, rename, rm, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { PatchDbError } from '../errors.ts'
import type { JsonValue } from '../json.ts'
import type { Dump, Revision } from '../patch.ts'
import { encodeRevisions, encodeSnapshot, frameHeader, FRAME_HEADER } from './frame.ts'
import { takeLock, type Lock } from './lock.ts'
import { FILE_HEADER, readLog, type Recovery } from './recover.ts'

export type Opened = {
  readonly log: LogFile
  readonly head: Dump<JsonValue>
  readonly recovery: Recovery | undefined
}

/** The append-only file behind a database: a snapshot, then the revisions since. One writer at a time holds it. */
export class LogFile {
  readonly path: string
  readonly #lock: Lock
  #file: FileHandle
  #snapshotBytes: number
  /** End of the last sound frame; anything beyond is the rest of a failed write. */
  #end: number
  /** How much of the file is known to be on disk. */
  #durable: number
  #torn = false
  #directoryStale = false
  #turn: Promise<void> = Promise.resolve()
  /** Payloads written while a new snapshot is in the making; they follow it in the new file. */
  #meanwhile: Buffer[] | undefined

  /** After a failed sync nobody knows what is on disk: only a rewrite from memory makes the file good again. */
  suspect = false

  private constructor(path: string, lock: Lock, file: FileHandle, end: number, snapshotBytes: number) {
    this.path = path
    this.#lock = lock
    this.#file = file
    this.#end = end
    this.#durable = end
    this.#snapshotBytes = snapshotBytes
  }

  /** Opens or creates the file. Throws `Locked`, `Corrupt`, `Unsupported` or `Io`. */
  static async open(path: string, initial: JsonValue): Promise<Opened> {
    const lock = takeLock(path)
    try {
      await rm(temporary(path), { force: true })
      const bytes = await readIfPresent(path)
      if (bytes === undefined) {
        const head = { id: 0, value: initial }
        const written = await writeWhole(path, encodeSnapshot(head))
        await renameInto(path)
        await syncDirectory(path)
        const log = new LogFile(path, lock, written.file, written.end, written.end - FILE_HEADER.length)
        return { log, head, recovery: undefined }
      }
      const { id, value, end, snapshotBytes, droppedBytes } = readLog(bytes, path)
      const file = await open(path, 'r+')
      if (droppedBytes > 0) await file.truncate(end)
      await file.sync()
      const log = new LogFile(path, lock, file, end, snapshotBytes)
      const recovery = droppedBytes > 0 ? { path, sequence: id, offset: end, droppedBytes } : undefined
      return { log, head: { id, value }, recovery }
    } catch (error) {
      lock.release()
      throw asIo(error, path)
    }
  }

  /** Bytes of revisions behind the snapshot, and of the snapshot itself: what the next open will read. */
  get size(): { readonly snapshot: number; readonly tail: number } {
    const tail = this.#end - this.#snapshotBytes - FILE_HEADER.length
    return { snapshot: this.#snapshotBytes, tail: Math.max(0, tail) }
  }

  /** Adds revisions as one record. With `sync` it resolves when they, and all before, are on disk. Throws `Io`. */
  append(revisions: readonly Revision[], sync: boolean): Promise<void> {
    const payload = encodeRevisions(revisions)
    return this.#exclusively(async () => {
      await this.#repair()
      const frame = Buffer.concat([frameHeader(payload, this.#durable), payload])
      this.#torn = true
      await writeFully(this.#file, [frame], this.#end)
      if (sync) await this.#sync(this.#end + frame.length)
      this.#torn = false
      this.#end += frame.length
      this.#meanwhile?.push(payload)
    })
  }

  /** Puts relaxed records on disk, if there are any. */
  flush(): Promise<void> {
    return this.#exclusively(async () => {
      await this.#repair()
      if (this.#durable < this.#end) await this.#sync(this.#end)
    })
  }

  /**
   * Replaces the file by one that starts with `snapshot`. Appends go on meanwhile; only the switch, which copies
   * what they wrote, holds them up. A crash at any point leaves either the old or the new file, both complete.
   */
  async compact(snapshot: Dump<JsonValue>): Promise<void> {
    this.#meanwhile = []
    const payload = encodeSnapshot(snapshot)
    let next: Written | undefined
    try {
      next = await writeWhole(this.path, payload)
      await this.#exclusively(() => this.#switch(next as Written, payload.length))
    } catch (error) {
      if (next !== undefined && next.file !== this.#file) await next.file.close()
      throw asIo(error, this.path)
    } finally {
      this.#meanwhile = undefined
    }
  }

  async close(): Promise<void> {
    try {
      await this.flush()
    } finally {
      await this.#file.close()
      this.#lock.release()
    }
  }

  async #switch(next: Written, snapshotLength: number): Promise<void> {
    const late = this.#meanwhile ?? []
    const frames = late.flatMap((payload) => [frameHeader(payload, next.end), payload])
    const end = next.end + frames.reduce((sum, part) => sum + part.length, 0)
    if (frames.length > 0) {
      await writeFully(next.file, frames, next.end)
      await next.file.datasync()
    }
    await renameInto(this.path)
    const old = this.#file
    this.#file = next.file
    this.#end = end
    this.#durable = end
    this.#snapshotBytes = snapshotLength + FRAME_HEADER
    this.#torn = false
    this.suspect = false
    this.#directoryStale = true
    await old.close()
    await this.#repair()
  }

  /** Clears what an earlier failure left: a half-written record, or a renamed file that may not yet be on disk. */
  async #repair(): Promise<void> {
    if (this.#torn) {
      await this.#file.truncate(this.#end)
      this.#torn = false
    }
    if (this.#directoryStale) {
      await syncDirectory(this.path)
      this.#directoryStale = false
    }
  }

  async #sync(upTo: number): Promise<void> {
    try {
      await this.#file.datasync()
    } catch (error) {
      this.suspect = true
      throw error
    }
    this.#durable = upTo
  }

  #exclusively(work: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(work).catch((error: unknown) => {
      throw asIo(error, this.path)
    })
    this.#turn = turn.catch(() => undefined)
    return turn
  }
}

type Written = { readonly file: FileHandle; readonly end: number }

/** Writes a complete log beside the real one and makes it durable. */
async function writeWhole(path: string, snapshot: Buffer): Promise<Written> {
  const file = await open(temporary(path), 'w+', 0o600)
  try {
    const parts = [FILE_HEADER, frameHeader(snapshot, 0), snapshot]
    await writeFully(file, parts, 0)
    await file.sync()
    return { file, end: parts.reduce((sum, part) => sum + part.length, 0) }
  } catch (error) {
    await file.close()
    await rm(temporary(path), { force: true })
    throw error
  }
}

async function writeFully(file: FileHandle, parts: Buffer[], position: number): Promise<void> {
  for (const part of parts) {
    for (let done = 0; done < part.length;) {
      const { bytesWritten } = await file.write(part, done, part.length - done, position + done)
      done += bytesWritten
    }
    position += part.length
  }
}

async function readIfPresent(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

async function renameInto(path: string): Promise<void> {
  await rename(temporary(path), path)
}

/** Without this, a power cut could bring the old directory entry back. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(dirname(path), 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

function temporary(path: string): string {
  return `${path}.tmp`
}

function asIo(error: unknown, path: string): unknown {
  return error instanceof PatchDbError ? error : new PatchDbError('Io', `${path}: ${messageOf(error)}`, error)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
