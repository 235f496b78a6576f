import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { CodedError } from '@startd/base/errors.ts'
import type { Database } from '@startd/base/model.ts'
import { PatchDb, PatchDbError, type Migrated, type Migration, type Recovery } from '@startd/patch-db'
import { MIGRATIONS } from './migrations/index.ts'
import { checkModelVersion, refuseNewerModel } from './version.ts'

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
 * Opens the database of a data directory, keeps others from doing so, and brings an older document
 * up to date; a copy of the file from before stays beside it. A document of a newer version is
 * refused and left as it is.
 */
export async function openDatabase(
  dataDir: string,
  warn: (text: string) => void,
  migrations = MIGRATIONS,
): Promise<OpenedDatabase> {
  const path = databasePath(dataDir)
  await mkdir(join(dataDir, 'db'), { recursive: true, mode: 0o700 })
  const db = await open(path, dataDir, warn, migrations)
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
  migrations: readonly Migration[],
): Promise<PatchDb<Database | null>> {
  try {
    return await PatchDb.open<Database | null>(path, {
      migrations: migrations.map(onKnownModel),
      onMigrate: (migrated) => warn(tellMigration(migrated)),
      onRecover: (recovery) => warn(tellRecovery(recovery)),
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
    if (error.cause instanceof CodedError) throw error.cause
    const outdated = error.code === 'Unsupported' || error.code === 'MigrationFailed'
    throw new CodedError(outdated ? 'MigrationFailed' : 'Database', error.message, { cause: error })
  }
}

/** No step may touch a document of a version that this program doesn't know. */
function onKnownModel({ name, migrate }: Migration): Migration {
  return {
    name,
    migrate: (draft: { public?: { serverInfo?: { version?: unknown } } }) => {
      refuseNewerModel(draft.public?.serverInfo?.version)
      migrate(draft as never)
    },
  }
}

function tellMigration({ names, fromLayout, backup }: Migrated): string {
  const steps = fromLayout === null ? names : ['the file is in a new format', ...names]
  return `the database was brought up to date (${steps.join(', ')}); as it was before, it is in ${backup}`
}

function tellRecovery({ droppedBytes, flaw, sequence, keptAs }: Recovery): string {
  const what =
    flaw === 'short'
      ? 'an unfinished write, which was dropped'
      : 'bytes that are no sound record: a write that was interrupted, or a disk that has lost one'
  const where = keptAs === null ? 'they could not be kept' : `they are in ${keptAs}`
  return `the database ended in ${what} (${droppedBytes} bytes after revision ${sequence}; ${where})`
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
