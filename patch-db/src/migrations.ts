import { PatchDbError } from './errors.ts'
import { isContainer, type JsonValue } from './json.ts'
import type { Dump } from './patch.ts'
import { record } from './record.ts'

/**
 * One step that brings an older document up to date. `migrate` gets a draft, as in `mutate`: it must finish
 * synchronously and depend on nothing but the document. A step keeps its name and its place forever: files
 * remember which steps they have been through.
 */
export type Migration = {
  /** Letters, digits, dots, dashes and underscores: it becomes part of a file name. */
  readonly name: string
  readonly migrate: (draft: never) => void
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/

/** Names of steps, in order. Throws `MigrationFailed` for a list that cannot be used. */
export function namesOf(migrations: readonly Migration[]): string[] {
  const names = migrations.map(({ name }) => name)
  for (const name of names) if (!NAME.test(name)) throw refuse(`“${name}” cannot be the name of a migration`)
  if (new Set(names).size < names.length) throw refuse('two migrations have the same name')
  return names
}

/**
 * The steps that a document still has to go through. Throws `Unsupported` if it has been through one that this
 * program doesn't know, since then a newer program wrote it.
 */
export function pendingMigrations(
  path: string,
  done: readonly string[],
  known: readonly Migration[],
): readonly Migration[] {
  const names = namesOf(known)
  const unknown = done.find((name) => !names.includes(name))
  if (unknown !== undefined)
    throw new PatchDbError(
      'Unsupported',
      `${path} has been through the migration “${unknown}”, which this program does not know. Use the newer program again, or a copy of the file from before that; the file was left as it is`,
    )
  const skipped = names.slice(0, done.length).find((name, place) => name !== done[place])
  if (skipped !== undefined)
    throw refuse(`“${skipped}” stands before “${done.at(-1)}”, which ${path} has been through without it`)
  return known.slice(done.length)
}

/**
 * Runs steps on a document in memory. All changes together make one revision; a document that is null (nothing was
 * stored yet) needs none. Throws `MigrationFailed` with the step's own error as its cause.
 */
export function migrate(head: Dump<JsonValue>, steps: readonly Migration[]): Dump<JsonValue> {
  let { value } = head
  if (!isContainer(value)) return head
  for (const step of steps) {
    try {
      value = record<void>(value, step.migrate).value
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      throw new PatchDbError('MigrationFailed', `“${step.name}”: ${why}. The file was left as it is`, error)
    }
  }
  return value === head.value ? head : { id: head.id + 1, value }
}

function refuse(why: string): PatchDbError {
  return new PatchDbError('MigrationFailed', why)
}
