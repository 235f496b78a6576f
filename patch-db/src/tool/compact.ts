import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { PatchDbError } from '../errors.ts'
import { PatchDb } from '../patch-db.ts'
import { tellMigration } from './tell-migration.ts'

/** Rewrites a file as one snapshot. */
export async function compact(path: string): Promise<number> {
  if (!existsSync(path)) throw new PatchDbError('Io', `there is no file ${path}`)
  const before = (await stat(path)).size
  await using db = await PatchDb.open<unknown>(path, {
    onMigrate: tellMigration,
    onRecover: ({ droppedBytes, keptAs }) =>
      process.stderr.write(
        `${droppedBytes} bytes at the end were no whole record; ${keptAs === null ? 'they could not be kept' : `they are in ${keptAs} now`}.\n`,
      ),
  })
  await db.compact()
  const after = (await stat(path)).size
  process.stdout.write(`${path}: ${before} bytes before, ${after} now, at revision ${db.sequence}\n`)
  return 0
}
