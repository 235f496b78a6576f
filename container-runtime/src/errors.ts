import { RPC_CODES, type RpcErrorObject } from '@startd/base/errors.ts'

/** The request itself cannot be served: malformed, or too early. Everything else is the package's failure. */
export class RequestError extends Error {}

/** A request that has no method. */
export class MissingMethod extends Error {}

/** What package code threw out of `execute`, which has an error form of its own. */
export class ProcedureError extends Error {
  constructor(cause: unknown) {
    super('procedure failed', { cause })
  }
}

/** The error table of service-runtime.md §4. */
export function toRpcError(error: unknown): RpcErrorObject {
  if (error instanceof MissingMethod) {
    return { code: RPC_CODES.invalidParams, message: 'invalid params', data: { details: error.message } }
  }
  if (error instanceof ProcedureError) return procedureError(error.cause)
  return {
    code: error instanceof RequestError ? 1 : 0,
    message: typeof error,
    data: { details: String(error), debug: error instanceof Error ? (error.stack ?? '') : '' },
  }
}

export function methodNotFound(method: string): RpcErrorObject {
  return { code: RPC_CODES.methodNotFound, message: 'Method not found', data: { details: method } }
}

/** Packages may throw `{error, code?}` to choose text and number. */
function procedureError(thrown: unknown): RpcErrorObject {
  if (
    thrown !== null &&
    typeof thrown === 'object' &&
    'error' in thrown &&
    typeof thrown.error === 'string'
  ) {
    const code = 'code' in thrown && Number.isInteger(thrown.code) ? Number(thrown.code) : 0
    return { code, message: thrown.error }
  }
  return { code: 0, message: String(thrown) }
}
