import { existsSync } from 'node:fs'
import { PatchDbError } from '../errors.ts'
import { takeLock } from '../log/lock.ts'

/** Whether a program has the file open. Without a lock file nobody ever had, and none is made here. */
export function isInUse(path: string): boolean {
  if (!existsSync(`${path}.lock`)) return false
  try {
    takeLock(path).release()
    return false
  } catch (error) {
    // Where the lock file cannot be written, nobody can hold the lock either.
    return error instanceof PatchDbError && error.code === 'Locked'
  }
}
