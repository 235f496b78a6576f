import type { PatchOp, Revision } from '../patch.ts'

/**
 * A revision as it stands in the log: its id, then three items for each operation: what is done, where, and with which
 * value (null for a removal). Names of members would take half of the bytes and of the time to read them.
 */
export type Row = readonly unknown[]

export const ADD = 0
export const REPLACE = 1
export const REMOVE = 2
const KINDS: { readonly [op in PatchOp['op']]: number } = { add: ADD, replace: REPLACE, remove: REMOVE }

export function rowOf({ id, patch }: Revision): Row {
  const row: unknown[] = [id]
  for (const op of patch) row.push(KINDS[op.op], op.path, op.op === 'remove' ? null : op.value)
  return row
}
