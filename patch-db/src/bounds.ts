import { PatchDbError } from './errors.ts'

/**
 * What a store takes; beyond it a change is refused with `TooLarge`, so that one bad value fills neither disk nor
 * memory. Sizes are those of the log's encoding (CBOR), in bytes.
 */
export type Sizes = {
  /** One revision: as much as waits for a subscriber before it is cut off. */
  readonly revisionBytes: number
  /** The whole document. One that is larger already may still shrink. */
  readonly documentBytes: number
}

const MIB = 1024 * 1024
/** The bounds of a store that was opened without others. */
export const DEFAULT_SIZES: Sizes = { revisionBytes: 16 * MIB, documentBytes: 64 * MIB }

export function tooLarge(what: string, most: number): PatchDbError {
  return new PatchDbError('TooLarge', `${what} may have ${most} bytes`)
}
