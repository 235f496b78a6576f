import type { RpcErrorObject } from '@startd/base/errors.ts'
import { ProtocolError } from './errors.ts'

export type RpcId = string | number | null

/** One call of a request body; `params` is not yet checked against the method. */
export interface RpcRequest {
  id: RpcId
  method: string
  params: unknown
}

export type RpcResponse =
  { jsonrpc: '2.0'; result: unknown; id: RpcId } | { jsonrpc: '2.0'; error: RpcErrorObject; id: RpcId }

export type RequestBody = { batch: false; request: RpcRequest } | { batch: true; requests: RpcRequest[] }

/** Calls that one request body may hold. */
export const MAX_BATCH = 1000

/**
 * Reads the envelope of rpc.md §4, which differs from JSON-RPC 2.0: `params` must be there, a call
 * without an id is answered like any other, and one bad element spoils the whole batch.
 */
export function readEnvelope(body: unknown): RequestBody {
  if (!Array.isArray(body)) return { batch: false, request: readRequest(body, false) }
  if (body.length > MAX_BATCH) {
    throw new ProtocolError('invalidRequest', `more than ${MAX_BATCH} calls in one request`)
  }
  return { batch: true, requests: body.map((element) => readRequest(element, true)) }
}

function readRequest(value: unknown, inBatch: boolean): RpcRequest {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ProtocolError('parse', 'a call is an object')
  }
  const { id = null, method, params } = value as { id?: unknown; method?: unknown; params?: unknown }
  if (id !== null && typeof id !== 'string' && typeof id !== 'number') {
    throw new ProtocolError('parse', 'field `id` must be text, a number or null')
  }
  if (typeof method !== 'string') throw new ProtocolError('parse', 'field `method` must be text')
  if (params === undefined || (params === null && !inBatch)) {
    throw new ProtocolError('parse', 'missing field `params`')
  }
  return { id, method, params }
}

export function success(id: RpcId, result: unknown): RpcResponse {
  return { jsonrpc: '2.0', result: result ?? null, id }
}

export function failure(id: RpcId, error: RpcErrorObject): RpcResponse {
  return { jsonrpc: '2.0', error, id }
}
