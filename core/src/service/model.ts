import { CodedError } from '@startd/base/errors.ts'
import type { Database, PackageDataEntry, StatusInfo } from '@startd/base/model.ts'
import type { PatchDb } from '@startd/patch-db'

export type Db = PatchDb<Database>

/** For values that may be lost in a power cut: progress, health. */
export const TRANSIENT = { durable: false } as const

/** A member of a map whose keys come from outside; inherited names such as `constructor` are none. */
export function own<V>(map: Record<string, V>, key: string): V | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined
}

export function findEntry(model: Database, id: string): PackageDataEntry | undefined {
  return own(model.public.packageData, id)
}

/** The database entry of a package; throws NotFound. */
export function entryOf(model: Database, id: string): PackageDataEntry {
  const entry = findEntry(model, id)
  if (!entry) throw new CodedError('NotFound', `there is no service “${id}” on this server`)
  return entry
}

/** Changes a package's entry in one mutation and answers what `change` does; throws NotFound. */
export async function changeEntry<R>(
  db: Db,
  id: string,
  change: (entry: PackageDataEntry, model: Database) => R,
  options?: { durable: boolean },
): Promise<R> {
  return (await db.mutate((model) => change(entryOf(model, id), model), options)).result
}

/** Changes a package's status; a package that is gone meanwhile has none to change. */
export async function changeStatus(
  db: Db,
  id: string,
  change: (status: StatusInfo) => void,
  options?: { durable: boolean },
): Promise<void> {
  await db.mutate((model) => {
    const entry = findEntry(model, id)
    if (entry) change(entry.statusInfo)
  }, options)
}

/** An error as it stands in a service's status, for a person to read. */
export function statusError(error: unknown): NonNullable<StatusInfo['error']> {
  if (error instanceof CodedError) {
    const { cause } = error
    return {
      details: error.message,
      debug: cause instanceof Error ? (cause.stack ?? cause.message) : '',
      info: jsonOrNull(error.info),
    }
  }
  if (error instanceof Error) return { details: error.message, debug: error.stack ?? '', info: null }
  return { details: String(error), debug: '', info: null }
}

function jsonOrNull(value: unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(value ?? null)) as unknown
  } catch {
    return null
  }
}
