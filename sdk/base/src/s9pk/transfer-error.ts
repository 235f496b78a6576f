import { CodedError, type ErrorKind } from '../errors.ts'

/** Why a server did not give the bytes that it was asked for. */
export type TransferFault =
  'unreachable' | 'refused' | 'busy' | 'stalled' | 'cut' | 'no-ranges' | 'wrong-range' | 'changed'

const KINDS: Partial<Record<TransferFault, ErrorKind>> = { stalled: 'Timeout' }

/** A download that failed on its way: `details` name the server and say in plain words what it did. */
export class TransferError extends CodedError {
  readonly fault: TransferFault

  constructor(fault: TransferFault, details: string, options: { cause?: unknown } = {}) {
    super(KINDS[fault] ?? 'Network', details, { ...options, info: { fault } })
    this.name = 'TransferError'
    this.fault = fault
  }
}

/** Whatever `fetch` or its body threw; coded errors pass unchanged. */
export function transferError(cause: unknown, host: string): CodedError {
  if (cause instanceof CodedError) return cause
  const [fault, text] = REASONS[codeOf(cause)] ?? [
    'unreachable',
    `${host} could not be reached (${textOf(cause)})`,
  ]
  return new TransferError(fault, text.replace('HOST', host), { cause })
}

const CUT = ['cut', 'HOST closed the connection before everything had arrived'] as const
const UNTRUSTED = ['refused', 'the certificate of HOST is not valid'] as const
const REASONS: Record<string, readonly [TransferFault, string]> = {
  ECONNREFUSED: ['unreachable', 'nothing answers at HOST'],
  ENOTFOUND: ['unreachable', 'there is no server with the name HOST'],
  EAI_AGAIN: ['unreachable', 'the name HOST cannot be looked up at the moment'],
  EHOSTUNREACH: ['unreachable', 'there is no way to HOST from here'],
  ENETUNREACH: ['unreachable', 'there is no way to HOST from here'],
  ECONNRESET: CUT,
  EPIPE: CUT,
  UND_ERR_SOCKET: CUT,
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: CUT,
  CERT_HAS_EXPIRED: ['refused', 'the certificate of HOST has expired'],
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  ERR_TLS_CERT_ALTNAME_INVALID: ['refused', 'the certificate of HOST is for another name'],
}

/** Node's `fetch` says what happened in the cause of its error; a browser does not say it at all. */
function codeOf(error: unknown): string {
  for (let at = error; at instanceof Error; at = at.cause) {
    if ('code' in at && typeof at.code === 'string' && Object.hasOwn(REASONS, at.code)) return at.code
  }
  return ''
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message : error.message
}
