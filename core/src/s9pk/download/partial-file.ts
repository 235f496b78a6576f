import { type FileHandle, open } from 'node:fs/promises'
import { CodedError } from '@startd/base/errors.ts'
import { type Hasher, sameBytes } from '@startd/base/s9pk/index.ts'
import { nativeHash } from '../blake3.ts'
import { fileError } from '../file-error.ts'
import { handleSource } from '../file-source.ts'
import { type Beginning, Journal, readJournal } from './journal.ts'
import { journalOf } from './partials.ts'
import type { Piece, Plan } from './plan.ts'

/** How far a member has come. */
export interface PieceState {
  readonly piece: Piece
  hasher: Hasher
  /** Bytes of it that were taken. */
  taken: number
  /** Where they came from: mirrors, or this file from an earlier run. */
  readonly origins: Set<unknown>
  /** How often it was begun anew. From the first time on it is taken from one mirror only. */
  resets: number
}

const BUFFER = 1024 * 1024
/** How often the journal says how far a large member has come. */
const NOTE_EVERY = 16 * 1024 * 1024
const MOST_RESETS = 5

/** The file that a download fills member by member, and the journal beside it by which a later run goes on. */
export class PartialFile implements AsyncDisposable {
  readonly pending = new Map<string, PieceState>()
  readonly #handle: FileHandle
  readonly #journal: Journal
  readonly #life: AsyncDisposableStack
  #gathering = Buffer.allocUnsafeSlow(BUFFER)
  #spare = Buffer.allocUnsafeSlow(BUFFER)
  #gathered = 0
  #writing: Promise<unknown> = Promise.resolve()
  #state: PieceState | null = null
  #noted = 0
  /** Bytes of members that are here, whole or in part. */
  present = 0

  private constructor(handle: FileHandle, journal: Journal, life: AsyncDisposableStack) {
    this.#handle = handle
    this.#journal = journal
    this.#life = life
  }

  /** Opens the file for `plan`, and checks what an earlier run for the same plan has left in it. */
  static async open(path: string, plan: Plan, beginning: Beginning): Promise<PartialFile> {
    const journalPath = journalOf(path)
    const known = await readJournal(journalPath)
    const goOn = known !== null && isSame(known.beginning, beginning)
    await using life = new AsyncDisposableStack()
    try {
      const handle = life.use(await open(path, goOn ? 'a+' : 'w+').then(reopened(path)))
      const journal = life.use(await Journal.open(journalPath, beginning, goOn))
      await handle.truncate(plan.size)
      for (const { position, bytes } of plan.frame) await handle.write(bytes, 0, bytes.length, position)
      const file = new PartialFile(handle, journal, life.move())
      for (const piece of plan.pieces)
        await file.#examine(piece, goOn ? (known.bytes.get(piece.path) ?? 0) : 0)
      return file
    } catch (cause) {
      throw fileError(cause, 'could not store the package')
    }
  }

  /** Takes the next bytes of a member. Answers whether this was its end and it is the one that was signed. */
  async write(state: PieceState, chunk: Uint8Array, origin: unknown): Promise<'more' | 'done' | 'wrong'> {
    if (this.#state !== state) await this.flush()
    this.#state = state
    state.origins.add(origin)
    state.hasher.update(chunk)
    for (let at = 0; at < chunk.length;) {
      const part = chunk.subarray(at, at + BUFFER - this.#gathered)
      this.#gathering.set(part, this.#gathered)
      this.#gathered += part.length
      state.taken += part.length
      at += part.length
      if (this.#gathered === BUFFER) await this.#send(state)
    }
    this.present += chunk.length
    return state.taken < state.piece.size ? 'more' : this.#finish(state)
  }

  /** All that was taken is in the file, and the journal knows it. */
  async flush(): Promise<void> {
    const state = this.#state
    if (!state) return
    this.#state = null
    await this.#send(state)
    await this.#written()
    if (state.taken > 0) await this.#journal.note(state.piece.path, state.taken)
    this.#noted = 0
  }

  /** The member must be fetched from its beginning again. */
  async reset(state: PieceState): Promise<void> {
    await this.flush()
    this.present -= state.taken
    state.hasher = nativeHash()
    state.taken = 0
    state.origins.clear()
    if (++state.resets > MOST_RESETS)
      throw new CodedError(
        'Network',
        `${state.piece.path} of the package could not be downloaded: its parts never fit together. Try again later`,
      )
    await this.#journal.note(state.piece.path, 0)
  }

  /** Everything is on the disk. */
  async sync(): Promise<void> {
    await this.#handle.sync().catch(storeError)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writing.catch(() => undefined)
    await this.#life.disposeAsync()
  }

  async #finish(state: PieceState): Promise<'done' | 'wrong'> {
    await this.flush()
    if (!sameBytes(state.hasher.digest(), state.piece.hash)) return 'wrong'
    this.pending.delete(state.piece.path)
    return 'done'
  }

  async #send(state: PieceState): Promise<void> {
    if (this.#gathered === 0) return
    const [bytes, length] = [this.#gathering, this.#gathered]
    const position = state.piece.position + state.taken - length
    await this.#written()
    ;[this.#gathering, this.#spare] = [this.#spare, bytes]
    this.#gathered = 0
    this.#writing = writeAll(this.#handle, bytes.subarray(0, length), position)
    // Whoever writes next sees the failure.
    this.#writing.catch(() => undefined)
    this.#noted += length
    if (this.#noted < NOTE_EVERY) return
    this.#noted = 0
    await this.#written()
    await this.#journal.note(state.piece.path, state.taken)
  }

  async #written(): Promise<void> {
    await this.#writing.catch(storeError)
  }

  /** Hashes what is there of a member; all of it again, for a machine may have died before it was stored. */
  async #examine(piece: Piece, recorded: number): Promise<void> {
    const state: PieceState = { piece, hasher: nativeHash(), taken: 0, origins: new Set(), resets: 0 }
    const source = handleSource(this.#handle, piece.position + piece.size)
    const end = Math.min(recorded, piece.size)
    while (state.taken < end) {
      const bytes = await source.readInto!(
        this.#spare.subarray(0, Math.min(BUFFER, end - state.taken)),
        piece.position + state.taken,
      )
      if (bytes.length === 0) break
      state.hasher.update(bytes)
      state.taken += bytes.length
    }
    if (state.taken > 0) state.origins.add(this)
    if (state.taken < piece.size) {
      this.present += state.taken
      this.pending.set(piece.path, state)
    } else if (sameBytes(state.hasher.digest(), piece.hash)) this.present += piece.size
    else
      this.pending.set(piece.path, { piece, hasher: nativeHash(), taken: 0, origins: new Set(), resets: 0 })
  }
}

function isSame(a: Beginning, b: Beginning): boolean {
  return (
    a.developerKey === b.developerKey &&
    a.commitment.rootSighash === b.commitment.rootSighash &&
    a.arch === b.arch &&
    a.size === b.size
  )
}

/** Linux ignores positions in a file that was opened for appending, which only makes it where it is missing. */
function reopened(path: string) {
  return async (handle: FileHandle): Promise<FileHandle> => {
    await handle.close()
    return open(path, 'r+')
  }
}

async function writeAll(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    done += (await handle.write(bytes, done, bytes.length - done, position + done)).bytesWritten
  }
}

function storeError(cause: unknown): never {
  throw fileError(cause, 'could not store the package')
}
