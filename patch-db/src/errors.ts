/** Every way in which the store can refuse: code name and what it means to the caller. */
const table = {
  InvalidPointer: 'This is not a usable JSON pointer',
  InvalidValue: 'This value cannot be stored as JSON',
  InvalidPatch: 'This is not a list of patch operations',
  PatchDoesNotFit: 'The patch does not fit the document',
  TooLarge: 'This is more than the store takes',
  AsyncMutate: 'A mutation must finish synchronously; await before it or after it',
  NestedMutate: 'A change cannot begin inside another one',
  DraftEnded: 'A draft can only be used inside its own mutation',
  Locked: 'The database is already open elsewhere',
  Foreign: 'This is no database file of this program',
  Corrupt: 'The database file is damaged',
  Unsupported: 'The database file was written by a newer version of this program',
  MigrationFailed: 'The document could not be brought up to date',
  Exists: 'There is a file already',
  Io: 'The database file could not be read or written',
  Closed: 'The database is closed',
} as const

/** What a caller can tell errors apart by. */
export type PatchDbErrorCode = keyof typeof table

/** An error with a stable `code`; `message` explains the case, `cause` holds the underlying error if any. */
export class PatchDbError extends Error {
  readonly code: PatchDbErrorCode

  constructor(code: PatchDbErrorCode, detail: string, cause?: unknown) {
    super(`${table[code]}: ${detail}`, cause === undefined ? undefined : { cause })
    this.name = 'PatchDbError'
    this.code = code
  }
}
