import {
  CodedError,
  detailsOf,
  ERROR_KINDS,
  type ErrorKind,
  type RpcErrorObject,
} from '@startd/base/errors.ts'

/** Exit status of a command that was called in a wrong way. */
export const USAGE = 2

/** An error that the server answered. */
export class RemoteError extends Error {
  readonly rpc: RpcErrorObject

  constructor(rpc: RpcErrorObject) {
    super(rpc.message)
    this.name = 'RemoteError'
    this.rpc = rpc
  }
}

/** The error of a stream that was closed with 1011, from the text of its close frame. */
export function closedWith(reason: string): CodedError {
  for (const [kind, [, label]] of Object.entries(ERROR_KINDS)) {
    if (reason.startsWith(`${label}: `))
      return new CodedError(kind as ErrorKind, reason.slice(label.length + 2))
  }
  return new CodedError('Unknown', reason)
}

/** What a failed command says and its exit status (rpc-methods.md §4.3). */
export function explain(error: unknown): { text: string; status: number } {
  if (error instanceof RemoteError) {
    const { rpc } = error
    return { text: `${rpc.message}: ${detailsOf(rpc)}`, status: rpc.code & 0xff }
  }
  if (error instanceof CodedError) return { text: error.message, status: error.code }
  return { text: error instanceof Error ? error.message : String(error), status: 1 }
}
