import { CodedError } from '@startd/base/errors.ts'
import { Version } from '@startd/base/exver/index.ts'

/** Version of the database model; the interface refuses to go with another one (db-model.md §9). */
export const MODEL_VERSION = '0.4.0-beta.10'

/** Throws unless a database of this version can be used as it is. */
export function checkModelVersion(found: unknown): void {
  if (found === MODEL_VERSION) return
  refuseNewerModel(found)
  throw new CodedError(
    'MigrationFailed',
    `The data was written by version ${String(found)}, from which this version cannot migrate. Nothing was changed.`,
  )
}

/** Throws if a newer program has written the data, or if they don't say who did. */
export function refuseNewerModel(found: unknown): void {
  if (typeof found !== 'string')
    throw new CodedError('MigrationFailed', 'The data does not say which version wrote it')
  if (Version.parse(found).compare(Version.parse(MODEL_VERSION)) === 'greater')
    throw new CodedError(
      'MigrationFailed',
      `The data was written by the newer version ${found}; this is ${MODEL_VERSION}. Install the newer version again. Nothing was changed.`,
    )
}
