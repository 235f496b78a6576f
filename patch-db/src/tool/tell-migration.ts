import type { Migrated } from '../log/open.ts'

/** Says that an older file was written anew. */
export function tellMigration({ backup }: Migrated): void {
  process.stderr.write(`An older program wrote the file; as it was before, it is in ${backup} now.\n`)
}
