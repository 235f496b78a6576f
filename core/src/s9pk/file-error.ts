import { CodedError } from '@startd/base/errors.ts'

/** A file system failure as a person reads it; a full disk says so. Coded errors pass unchanged. */
export function fileError(cause: unknown, doing: string): CodedError {
  if (cause instanceof CodedError) return cause
  switch (errnoOf(cause)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return diskFull(cause)
    case 'ENOENT':
      return new CodedError('NotFound', `${doing}: there is no such file`, { cause })
    case 'EACCES':
    case 'EPERM':
      return new CodedError('Filesystem', `${doing}: permission denied`, { cause })
    default:
      return new CodedError(
        'Filesystem',
        `${doing}: ${cause instanceof Error ? cause.message : String(cause)}`,
        { cause },
      )
  }
}

export function diskFull(cause?: unknown, needed?: number, free?: number): CodedError {
  const figures =
    needed === undefined || free === undefined
      ? ''
      : ` (${megabytes(needed)} more are needed, ${megabytes(free)} are free)`
  return new CodedError('Filesystem', `the disk is full${figures}. Free some space and try again`, { cause })
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6)} MB`
}

/** `ENOENT` and the like, or null for anything that is not a system error. */
export function errnoOf(cause: unknown): string | null {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : null
}
