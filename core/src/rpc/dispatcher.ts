import { CodedError } from '@startd/base/errors.ts'
import { z } from 'zod'
import type { Call, Caller } from './caller.ts'
import { failure, readEnvelope, type RpcRequest, type RpcResponse, success } from './envelope.ts'
import { ProtocolError, toRpcError } from './errors.ts'
import type { BoundMethod, MethodTable } from './handlers.ts'
import { parseJsonBody } from './json-body.ts'

/** Decides whether a call may go on; implemented by the running context, absent in all others. */
export interface Gate {
  /** Throws when a login from here is not allowed now. */
  admitLogin(caller: Caller): void
  loginSucceeded(caller: Caller): void
}

/** What the dispatcher needs of a boot context. */
export interface Scope {
  readonly methods: MethodTable
  /** Null: this context answers everybody. */
  readonly gate: Gate | null
  /** Sequence to announce after a synchronised call; also told to all subscribers (rpc.md §6.2). */
  readonly fence: (() => number) | null
  /** Told of errors that are no answer to bad input. */
  readonly onError: (method: string, error: unknown) => void
}

/** The caller, and whether the request comes from a page of another origin. */
export interface Origin extends Caller {
  readonly foreign: boolean
}

export interface Answer {
  readonly body: string
  /** One for every synchronised call of the request, in order. */
  readonly sequences: readonly number[]
  readonly cookies: readonly string[]
}

/** Answers a request body. Never throws: every outcome is an answer (rpc.md §4). */
export async function dispatch(scope: Scope, body: Uint8Array, origin: Origin): Promise<Answer> {
  const sequences: number[] = []
  const cookies: string[] = []
  const call: Call = { ...origin, setCookie: (value) => cookies.push(value) }
  try {
    const envelope = readEnvelope(parseJsonBody(body))
    const response = envelope.batch
      ? await Promise.all(
          envelope.requests.map((request) => answer(scope, request, call, origin.foreign, sequences)),
        )
      : await answer(scope, envelope.request, call, origin.foreign, sequences)
    return { body: stringify(response), sequences, cookies }
  } catch (error) {
    return { body: stringify(failure(null, toRpcError(error))), sequences, cookies }
  }
}

async function answer(
  scope: Scope,
  request: RpcRequest,
  call: Call,
  foreign: boolean,
  sequences: number[],
): Promise<RpcResponse> {
  const method = scope.methods.get(request.method)
  if (method === undefined && !scope.methods.isGroup(request.method)) return notFound(request)
  try {
    admit(scope.gate, method, call, foreign)
  } catch (error) {
    if (method?.definition.sync && scope.fence) sequences.push(scope.fence())
    return failure(null, toRpcError(error))
  }
  if (method === undefined) return notFound(request)
  try {
    const result = await method.handle(readParams(method, request.params), call)
    if (method.definition.auth === 'login') scope.gate?.loginSucceeded(call)
    return success(request.id, result)
  } catch (error) {
    if (!(error instanceof ProtocolError) && !(error instanceof CodedError)) scope.onError(method.name, error)
    return failure(request.id, toRpcError(error))
  } finally {
    if (method.definition.sync && scope.fence) sequences.push(scope.fence())
  }
}

/** `foreign` pages may only call what anybody may see; their cookies were already ignored. */
function admit(gate: Gate | null, method: BoundMethod | undefined, call: Call, foreign: boolean): void {
  const auth = method?.definition.auth ?? 'session'
  if (auth === 'public') return
  if (foreign) throw new CodedError('Authorization', 'Pages of another website must not control this server')
  if (gate === null) return
  if (auth === 'login') {
    if (call.kind !== 'local') gate.admitLogin(call)
  } else if (call.kind === 'anonymous') {
    throw new CodedError('Authorization', 'Log in first')
  }
}

function readParams(method: BoundMethod, params: unknown): unknown {
  if (typeof params !== 'object' || params === null || Array.isArray(params)) {
    throw new ProtocolError('invalidParams', 'params must be an object')
  }
  const own = Object.fromEntries(Object.entries(params).filter(([key]) => !key.startsWith('__')))
  const parsed = method.definition.params.safeParse(own)
  if (!parsed.success) throw new ProtocolError('invalidParams', z.prettifyError(parsed.error))
  return parsed.data
}

function notFound(request: RpcRequest): RpcResponse {
  return failure(request.id, new ProtocolError('methodNotFound', request.method.slice(0, 256)).toRpc())
}

function stringify(response: RpcResponse | RpcResponse[]): string {
  try {
    return JSON.stringify(response)
  } catch {
    return '{"error":{"code":-32603,"message":"Internal error"}}'
  }
}
