import { type FileHandle, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { CodedError } from '@startd/base/errors.ts'
import { errnoOf } from '../file-error.ts'

/** The disk is told to start storing each time this much was written, so that the last sync is short. */
const SYNC_EVERY = 16 * 1024 * 1024

/**
 * A file that takes its name when it is complete and on the disk; until then it is a hidden neighbour, which goes away
 * when the draft is disposed of. What an earlier program left there when it was killed goes away too.
 */
export class Draft implements AsyncDisposable {
  readonly handle: FileHandle
  readonly #path: string
  readonly #temporary: string
  #syncing: Promise<void> | null = null
  #synced = 0
  /** Linux reports a failed sync once, so it is kept for `finish`. */
  #failure: unknown = null

  private constructor(handle: FileHandle, path: string, temporary: string) {
    this.handle = handle
    this.#path = path
    this.#temporary = temporary
  }

  static async open(path: string): Promise<Draft> {
    const directory = dirname(path)
    const stem = `.${basename(path)}.`
    await removeAbandoned(directory, stem)
    const temporary = join(directory, `${stem}${process.pid}-${++opened}.tmp`)
    const older = await stat(path).catch(() => null)
    if (older && !older.isFile())
      throw new CodedError('Filesystem', `${path} is there already and is no file`)
    const draft = new Draft(await open(temporary, 'wx+'), path, temporary)
    // Whoever could read what is replaced can read what comes in its place.
    if (older) await draft.handle.chmod(older.mode & 0o7777)
    return draft
  }

  /** Lets the disk begin with what is there; `written` is the length so far. */
  startStoring(written: number): void {
    if (written - this.#synced < SYNC_EVERY || this.#syncing) return
    this.#synced = written
    this.#syncing = this.handle
      .datasync()
      .catch((cause: unknown) => {
        this.#failure = cause
      })
      .finally(() => {
        this.#syncing = null
      })
  }

  /** Stores the file under its name, in place of one that has it. */
  async finish(): Promise<void> {
    await this.#syncing
    await this.handle.sync()
    if (this.#failure) throw this.#failure
    await rename(this.#temporary, this.#path)
    await using folder = await open(dirname(this.#path), 'r')
    await folder.sync()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#syncing
    await this.handle.close()
    await rm(this.#temporary, { force: true })
  }
}

let opened = 0

async function removeAbandoned(directory: string, stem: string): Promise<void> {
  const names = await readdir(directory).catch((cause: unknown) => {
    if (errnoOf(cause) !== 'ENOENT' && errnoOf(cause) !== 'ENOTDIR') throw cause
    throw new CodedError('NotFound', `there is no directory ${directory}`, { cause })
  })
  for (const name of names) {
    if (!name.startsWith(stem)) continue
    const pid = /^(\d+)-\d+\.tmp$/.exec(name.slice(stem.length))?.[1]
    if (pid !== undefined && !isRunning(Number(pid))) await rm(join(directory, name), { force: true })
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return errnoOf(error) === 'EPERM'
  }
}
