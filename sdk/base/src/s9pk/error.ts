import { CodedError, type ErrorKind } from '../errors.ts'

/** Why a package was refused, for programs that want to say it in their own words. */
export type S9pkFault =
  | 'not-a-package'
  | 'version-1'
  | 'zip'
  | 'truncated'
  | 'damaged'
  | 'untrusted'
  | 'too-large'
  | 'missing-file'
  | 'architecture'
  | 'manifest'

const KINDS: Record<S9pkFault, ErrorKind> = {
  'not-a-package': 'ParseS9pk',
  'version-1': 'ParseS9pk',
  zip: 'ParseS9pk',
  truncated: 'InvalidSignature',
  damaged: 'ParseS9pk',
  untrusted: 'InvalidSignature',
  'too-large': 'InvalidSignature',
  'missing-file': 'ParseS9pk',
  architecture: 'ParseS9pk',
  manifest: 'Deserialization',
}

/** A package that cannot be used: `details` say what is wrong and what to do about it. */
export class S9pkError extends CodedError {
  readonly fault: S9pkFault

  constructor(fault: S9pkFault, details: string, options: { cause?: unknown; kind?: ErrorKind } = {}) {
    super(options.kind ?? KINDS[fault], details, {
      info: { fault },
      ...('cause' in options && { cause: options.cause }),
    })
    this.name = 'S9pkError'
    this.fault = fault
  }
}

export function truncated(what: string): S9pkError {
  return new S9pkError('truncated', `the file is incomplete: ${what}. Download or copy it again`)
}

export function damaged(what: string): S9pkError {
  return new S9pkError(
    'damaged',
    `${what}. The file is damaged or was not made by a known packer; download it again`,
  )
}

export function untrusted(what: string): S9pkError {
  return new S9pkError('untrusted', `${what}. The file was changed after it was signed; download it again`)
}

export function tooLarge(what: string): S9pkError {
  return new S9pkError('too-large', what)
}
