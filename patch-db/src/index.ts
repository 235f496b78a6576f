export { PatchDbError, type PatchDbErrorCode } from './errors.ts'
export { diff } from './diff.ts'
export { ScopedRevision, type Encoding } from './encoding.ts'
export type { Position } from './history.ts'
export {
  importReference,
  readReference,
  type FailedPatch,
  type Imported,
  type ReferenceFile,
} from './import.ts'
export { type JsonArray, type JsonObject, type JsonValue, deepEqual, MAX_DEPTH } from './json.ts'
export type { Migrated, Recovery } from './log/open.ts'
export type { Migration } from './migrations.ts'
export { applyPatch, type Applied, type Dump, type Patch, type PatchOp, type Revision } from './patch.ts'
export { parsePatch } from './parse-patch.ts'
export { PatchDb, type CommitOptions, type Mutated, type OpenOptions, type Subscribed } from './patch-db.ts'
export type { At, Key } from './paths.ts'
export { formatPointer, parsePointer, valueAt, type Segment } from './pointer.ts'
export { scopePatch } from './scope.ts'
export { DEFAULT_SIZES, type Sizes } from './bounds.ts'
export { streamFrames, type FrameSink } from './stream.ts'
export { Subscription, type SubscriptionLimits } from './subscription.ts'
export { Watcher } from './watcher.ts'
