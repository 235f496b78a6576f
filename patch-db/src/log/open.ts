import { existsSync } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { PatchDbError } from '../errors.ts'
import { deepFreeze, type JsonValue } from '../json.ts'
import { migrate, namesOf, pendingMigrations, type Migration } from '../migrations.ts'
import type { Dump } from '../patch.ts'
import {
  asIo,
  keepBytes,
  keepCopy,
  readIfPresent,
  syncDirectory,
  temporary,
  timeLabel,
  writeFully,
} from './files.ts'
import type { Flaw } from './frame.ts'
import { isLayout1, readLayout1 } from './layout-1.ts'
import { takeLock, type Lock } from './lock.ts'
import { LogFile } from './log-file.ts'
import { FILE_HEADER, LAYOUT, readLog, type OnRecord, type Recovered } from './recover.ts'
import { renameInto, writeSnapshot, type Snapshot } from './snapshot.ts'

/** What was dropped when a file with an unfinished last write was opened. */
export type Recovery = {
  readonly path: string
  /** Sequence of the document after recovery. */
  readonly sequence: number
  /** Where the unfinished write began, and how many bytes of it were dropped. */
  readonly offset: number
  readonly droppedBytes: number
  /**
   * `short`: the record breaks off, so its write was interrupted and nobody was told that it was safe. `checksum`:
   * it has its full length and wrong bytes; an interrupted write can do that, but so can a disk that forgets.
   * `foreign`: these bytes never were a record.
   */
  readonly flaw: Flaw
  /** The file that now holds the dropped bytes; null if they could not be kept. */
  readonly keptAs: string | null
}

export type OpenedLog = {
  readonly log: LogFile
  readonly head: Dump<JsonValue>
  readonly recovery: Recovery | undefined
  /** What brought an older file up to date; null if it was. */
  readonly migrated: Migrated | null
}

/** How an older file was brought up to date. */
export type Migrated = {
  /** The migrations that ran, in order; none if only the layout of the file was old. */
  readonly names: readonly string[]
  /** The layout that the file had, if it was an older one; null if it has the layout of today for longer. */
  readonly fromLayout: number | null
  /** The copy of the file from before. */
  readonly backup: string
}

/**
 * Opens or creates a database file and brings its document up to date. Throws `Locked`, `Foreign`, `Corrupt`,
 * `Unsupported`, `MigrationFailed` or `Io`; then the file is as it was.
 */
export async function openLog(
  path: string,
  initial: JsonValue,
  migrations?: readonly Migration[],
): Promise<OpenedLog> {
  const known = migrations === undefined ? [] : namesOf(migrations)
  const lock = takeLock(path)
  try {
    const bytes = await readIfPresent(path)
    if (bytes === undefined) {
      const head = { id: 0, value: initial }
      const log = await replace(path, lock, { ...head, migrations: known })
      return { log, head, recovery: undefined, migrated: null }
    }
    const found = readAny(bytes, path)
    const pending = migrations === undefined ? [] : pendingMigrations(path, found.migrations, migrations)
    const old = { id: found.id, value: deepFreeze(found.value) }
    const head = migrate(old, pending)
    const recovery = await keepTail(bytes, path, found)
    const fromLayout = found.layout < LAYOUT ? found.layout : null
    if (pending.length > 0 || fromLayout !== null) {
      const names = pending.map(({ name }) => name)
      const backup = await keepCopy(path, 'before', `${timeLabel()}-${names[0] ?? `layout-${LAYOUT}`}`)
      const done = migrations === undefined ? found.migrations : known
      const log = await replace(path, lock, { ...head, migrations: done })
      return { log, head, recovery, migrated: { names, fromLayout, backup } }
    }
    await rm(temporary(path), { force: true })
    return { log: await continueIn(bytes, path, lock, found), head, recovery, migrated: null }
  } catch (error) {
    lock.release()
    throw asIo(error, path)
  }
}

function readAny(bytes: Buffer, path: string, onRecord?: OnRecord): Recovered {
  return isLayout1(bytes) ? readLayout1(bytes, path, onRecord) : readLog(bytes, path, onRecord)
}

async function replace(path: string, lock: Lock, snapshot: Snapshot): Promise<LogFile> {
  const { file, end } = await writeSnapshot(path, snapshot)
  try {
    await renameInto(path)
    await syncDirectory(path)
  } catch (error) {
    await file.close()
    throw error
  }
  const { migrations } = snapshot
  return new LogFile(path, lock, file, {
    end,
    snapshotBytes: end - FILE_HEADER.length,
    sum: 0,
    sealed: false,
    migrations,
  })
}

/** Goes on with a file as it is. */
async function continueIn(bytes: Buffer, path: string, lock: Lock, found: Recovered): Promise<LogFile> {
  const { end, snapshotEnd, sum, sealed, migrations, tail } = found
  const file = await open(path, 'r+')
  try {
    if (end < bytes.length) await file.truncate(end)
    if (!sealed || tail !== undefined) {
      // The kernel may hold bytes that a failed sync never brought to disk, and call them clean. Written again, they
      // are on disk after this sync, or it fails. The snapshot was synced before the file got its name.
      await writeFully(file, [bytes.subarray(snapshotEnd, end)], snapshotEnd)
      await file.sync()
      await syncDirectory(path)
    }
    return new LogFile(path, lock, file, {
      end,
      snapshotBytes: snapshotEnd - FILE_HEADER.length,
      sum,
      sealed,
      migrations,
    })
  } catch (error) {
    await file.close()
    throw error
  }
}

/** Puts dropped bytes aside. A disk that has no room for them must not keep the database from opening. */
async function keepTail(bytes: Buffer, path: string, found: Recovered): Promise<Recovery | undefined> {
  const { id, end, tail } = found
  if (tail === undefined) return undefined
  const dropped = bytes.subarray(end, end + tail.bytes)
  const keptAs = await keepBytes(path, 'damaged', `${timeLabel()}-${id}`, dropped).catch(() => null)
  return { path, sequence: id, offset: end, droppedBytes: tail.bytes, flaw: tail.flaw, keptAs }
}

/** What a database file holds, read without the lock and without changing anything. The value is not frozen. */
export async function readDatabase(path: string, onRecord?: OnRecord): Promise<Recovered> {
  const bytes = await readIfPresent(path).catch((error: unknown) => {
    throw asIo(error, path)
  })
  if (bytes === undefined) throw new PatchDbError('Io', `there is no file ${path}`)
  return readAny(bytes, path, onRecord)
}

/** Makes a database file that holds `snapshot`. Throws `Exists`, `Locked`, `Io`. */
export async function createDatabase(path: string, snapshot: Snapshot): Promise<void> {
  if (existsSync(path)) throw new PatchDbError('Exists', path)
  const lock = takeLock(path)
  let log: LogFile
  try {
    if (existsSync(path)) throw new PatchDbError('Exists', path)
    log = await replace(path, lock, snapshot)
  } catch (error) {
    lock.release()
    throw asIo(error, path)
  }
  await log.close()
}
