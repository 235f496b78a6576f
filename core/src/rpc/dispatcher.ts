import { CodedError } from '@startd/base/errors.ts'
import { z } from 'zod'
import type { Call, Caller } from './caller.ts'
import { failure, readEnvelope, type RpcRequest, type RpcResponse, success } from './envelope.ts'
import { isExpected, ProtocolError, toRpcError } from './errors.ts'
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

/** The caller, and what is known of the request that its methods have no use for. */
export interface Origin extends Caller {
  /** The request comes from a page of another origin. */
  readonly foreign: boolean
  /** Why its signature does not count, where it has one. */
  readonly refusal: CodedError | null
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
  const { kind, session, userAgent, address } = origin
  const call: Call = { kind, session, userAgent, address, setCookie: (value) => cookies.push(value) }
  try {
    const envelope = readEnvelope(parseJsonBody(body))
    const response = envelope.batch
      ? await Promise.all(envelope.requests.map((request) => answer(scope, request, call, origin, sequences)))
      : await answer(scope, envelope.request, call, origin, sequences)
    return { body: stringify(response), sequences, cookies }
  } catch (error) {
    return { body: stringify(failure(null, toRpcError(error))), sequences, cookies }
  }
}

async function answer(
  scope: Scope,
  request: RpcRequest,
  call: Call,
  origin: Origin,
  sequences: number[],
): Promise<RpcResponse> {
  const method = scope.methods.get(request.method)
  if (method === undefined && !scope.methods.isGroup(request.method)) return notFound(request)
  try {
    admit(scope.gate, method, origin)
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
    const expected = isExpected(error)
    if (!expected) scope.onError(method.name, error)
    // What went wrong inside may name files and values: it is for those who control this server.
    const told = !expected && scope.gate !== null && call.kind === 'anonymous' ? HIDDEN : error
    return failure(request.id, toRpcError(told))
  } finally {
    if (method.definition.sync && scope.fence) sequences.push(scope.fence())
  }
}

const HIDDEN = new CodedError('Unknown', 'The log of the server says more')

/** `foreign` pages may only call what anybody may see; their cookies were already ignored. */
function admit(gate: Gate | null, method: BoundMethod | undefined, origin: Origin): void {
  const auth = method?.definition.auth ?? 'session'
  if (auth === 'public') return
  if (origin.foreign)
    throw new CodedError('Authorization', 'Pages of another website must not control this server')
  if (gate === null) return
  if (auth === 'login') {
    if (origin.kind !== 'local' && origin.kind !== 'signature') gate.admitLogin(origin)
  } else if (origin.kind === 'anonymous') {
    throw origin.refusal ?? new CodedError('Authorization', 'Log in first')
  }
}

/** Parameters may be wrong in a million places; the answer names some. */
const SHOWN_ISSUES = 20
const LONGEST_TEXT = 4096

function readParams(method: BoundMethod, params: unknown): unknown {
  if (typeof params !== 'object' || params === null || Array.isArray(params)) {
    throw new ProtocolError('invalidParams', 'params must be an object')
  }
  const own = Object.fromEntries(Object.entries(params).filter(([key]) => !key.startsWith('__')))
  const parsed = method.definition.params.safeParse(own)
  if (!parsed.success) {
    const first = new z.ZodError(parsed.error.issues.slice(0, SHOWN_ISSUES))
    throw new ProtocolError('invalidParams', z.prettifyError(first).slice(0, LONGEST_TEXT))
  }
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
