import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { CodedError } from '@startd/base/errors.ts'
import type { Database } from '@startd/base/model.ts'
import { PatchDb, PatchDbError } from '@startd/patch-db'
import { checkModelVersion } from './version.ts'

export type ServerDb = PatchDb<Database>

export interface OpenedDatabase extends AsyncDisposable {
  /** Null until the server has been set up. */
  readonly db: ServerDb | null
  /** Writes the first document; only for a database that has none. */
  seed(document: Database): Promise<ServerDb>
}

/** The database file, below the data directory. */
export function databasePath(dataDir: string): string {
  return join(dataDir, 'db', 'startd.db')
}

/**
 * Opens the database of a data directory and keeps others from doing so. A document of another
 * version is refused and left as it is.
 */
export async function openDatabase(dataDir: string, warn: (text: string) => void): Promise<OpenedDatabase> {
  const path = databasePath(dataDir)
  await mkdir(join(dataDir, 'db'), { recursive: true, mode: 0o700 })
  const db = await open(path, dataDir, warn)
  try {
    const seeded = db.peek() !== null
    if (seeded) checkShape(db)
    return {
      db: seeded ? (db as ServerDb) : null,
      seed: async (document) => {
        await db.put('', document)
        return db as ServerDb
      },
      [Symbol.asyncDispose]: () => db.close(),
    }
  } catch (error) {
    await db.close()
    throw error
  }
}

async function open(
  path: string,
  dataDir: string,
  warn: (text: string) => void,
): Promise<PatchDb<Database | null>> {
  try {
    return await PatchDb.open<Database | null>(path, {
      onRecover: () => warn('the database ended in an unfinished write, which was dropped'),
    })
  } catch (error) {
    if (!(error instanceof PatchDbError)) throw error
    if (error.code === 'Locked') {
      throw new CodedError(
        'InvalidRequest',
        `Another startd already runs with the data in ${dataDir}. Stop it first, or choose another directory with --data.`,
        { cause: error },
      )
    }
    throw new CodedError('Database', error.message, { cause: error })
  }
}

/** The members without which nothing works; each part of the program relies on the rest by its type. */
function checkShape(db: PatchDb<Database | null>): void {
  checkModelVersion(db.get('/public/serverInfo/version'))
  for (const pointer of [
    '/public/packageData',
    '/public/ui',
    '/private/sessions',
    '/private/notifications',
  ]) {
    if (!db.exists(pointer)) {
      throw new CodedError(
        'Database',
        `The database has no ${pointer}; it is not one of this program, or it is damaged`,
      )
    }
  }
}
