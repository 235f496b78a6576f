import { existsSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { PatchDbError } from '../errors.ts'
import { PatchDb } from '../patch-db.ts'
import { tellMigration } from './tell-migration.ts'

/** Replaces the document of a file by the JSON on standard input, as one revision. */
export async function load(path: string): Promise<number> {
  const value = parse(await text(process.stdin))
  const isNew = !existsSync(path)
  await using db = await PatchDb.open<unknown>(
    path,
    isNew ? { initial: value } : { onMigrate: tellMigration },
  )
  const revision = isNew ? null : await db.put('', value)
  const done = isNew
    ? 'made'
    : revision === null
      ? 'holds this document already; it stays'
      : 'holds this document now,'
  process.stdout.write(`${path}: ${done} at revision ${db.sequence}\n`)
  return 0
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new PatchDbError('InvalidValue', `standard input is not JSON: ${why}`, error)
  }
}
