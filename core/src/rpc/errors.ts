import { CodedError, type ErrorKind, RPC_CODES, type RpcErrorObject } from '@startd/base/errors.ts'
import { PatchDbError } from '@startd/patch-db'
import { ZodError } from 'zod'

/** An error of the protocol itself: its number, and `data` as plain text (rpc.md §5). */
export class ProtocolError extends Error {
  readonly code: number
  readonly data: string | undefined

  constructor(kind: keyof typeof RPC_CODES, data?: string) {
    super(PROTOCOL_LABELS[kind])
    this.name = 'ProtocolError'
    this.code = RPC_CODES[kind]
    this.data = data
  }

  toRpc(): RpcErrorObject {
    return { code: this.code, message: this.message, ...(this.data === undefined ? {} : { data: this.data }) }
  }
}

const PROTOCOL_LABELS: Record<keyof typeof RPC_CODES, string> = {
  parse: 'Parse error',
  invalidRequest: 'Invalid Request',
  methodNotFound: 'Method not found',
  invalidParams: 'Invalid params',
  internal: 'Internal error',
}

/** Whatever a handler threw, as an error that a caller can read. */
export function toCodedError(error: unknown): CodedError {
  if (error instanceof CodedError) return error
  const text = error instanceof Error ? error.message : String(error)
  return new CodedError(kindOf(error), text, { cause: error })
}

/** Whether an error is an answer to what was asked, and none of the server's own. */
export function isExpected(error: unknown): boolean {
  if (error instanceof PatchDbError) return REFUSALS.has(error.code)
  return error instanceof ProtocolError || error instanceof CodedError
}

/** What the store has against a value or a place that somebody wants to be kept. */
const REFUSALS = new Set(['InvalidPointer', 'InvalidValue', 'PatchDoesNotFit', 'TooLarge'])

/** The error object of an answer. */
export function toRpcError(error: unknown): RpcErrorObject {
  return error instanceof ProtocolError ? error.toRpc() : toCodedError(error).toRpc()
}

function kindOf(error: unknown): ErrorKind {
  if (error instanceof PatchDbError) return 'Database'
  if (error instanceof ZodError) return 'Deserialization'
  if (!(error instanceof Error)) return 'Unknown'
  if (error.name === 'AbortError') return 'Cancelled'
  if (error.name === 'TimeoutError') return 'Timeout'
  if ('syscall' in error && 'code' in error) {
    return NETWORK_CALLS.has(String(error.syscall)) ? 'Network' : 'Filesystem'
  }
  return 'Unknown'
}

const NETWORK_CALLS = new Set(['connect', 'getaddrinfo', 'listen', 'bind', 'accept'])
