import { closeSync, existsSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { PatchDbError } from '../errors.ts'

export type Lock = { release(): void }

/**
 * Takes the exclusive lock of a database file, or throws `Locked` at once. The lock is a kernel lock on the file
 * `<path>.lock`, which SQLite takes for us (Node has no call for it): the kernel drops it with the process, however
 * that ends, and it holds across containers and network namespaces. The empty lock file stays behind, since removing
 * it would race with the next opener.
 */
export function takeLock(path: string): Lock {
  const file = `${path}.lock`
  try {
    createPrivately(file)
    const database = new DatabaseSync(file, { timeout: 0 })
    try {
      database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
    } catch (error) {
      database.close()
      throw error
    }
    return { release: () => database.close() }
  } catch (error) {
    if (isBusy(error)) throw new PatchDbError('Locked', path, error)
    throw new PatchDbError('Io', `cannot lock ${path}`, error)
  }
}

/** Never opens an existing file: closing any handle of a locked file would drop this process's lock on it. */
function createPrivately(file: string): void {
  if (existsSync(file)) return
  try {
    closeSync(openSync(file, 'wx', 0o600))
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
}

const SQLITE_BUSY = 5

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY
}
