import { resolve } from 'node:path'
import { ERROR_KINDS, RPC_CODES, type RpcErrorObject } from '@startd/base/errors.ts'
import { CONTRACT, type MethodName } from '@startd/base/rpc/contract.ts'
import type { MethodDefinition } from '@startd/base/rpc/method.ts'
import { z } from 'zod'

export const CALLERS = ['anonymous', 'session', 'local', 'foreign'] as const
export type CallerName = (typeof CALLERS)[number]

export interface Outcome {
  readonly method: MethodName
  readonly caller: CallerName
  /** Whether the context asks who calls. */
  readonly guarded: boolean
  readonly params: string
  readonly status: number
  readonly sequence: string | null
  readonly text: string
}

const REPOSITORY = resolve(import.meta.dirname, '../../..')
const STACK = /\n\s+at |node:internal|file:\/\/\/[^"]*\.[jt]s|\.ts:\d/
const CODES = new Set<number>([
  ...Object.values(ERROR_KINDS).map(([code]) => code as number),
  ...Object.values(RPC_CODES),
])
/** Their results hold whatever the machine, the owner or the database says. */
const TELLS_LOGS = /(^|[.-])logs$/
const SHOWS_STATE = ['db.dump', 'db.subscribe']

/** What no answer may hold, beside the secrets: nothing else may be wrong with it either. Null: all is well. */
export function faultOf(outcome: Outcome, secrets: readonly string[], dataDir: string): string | null {
  const { method, caller, status, text } = outcome
  if (status !== 200) return `HTTP ${status}`
  const ownerSees = caller === 'session' || caller === 'local'
  const told = TELLS_LOGS.test(method) ? '' : text
  if (STACK.test(told) || told.includes(REPOSITORY)) return 'shows a place in our code'
  if (!ownerSees && told.includes(dataDir)) return 'shows where the data lies'
  if (!(ownerSees && SHOWS_STATE.includes(method)) && secrets.some((secret) => text.includes(secret)))
    return 'shows a secret'
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    return 'is no JSON'
  }
  return faultOfBody(outcome, body)
}

const ErrorObject = z.strictObject({
  code: z.int(),
  message: z.string(),
  data: z
    .union([z.string(), z.strictObject({ details: z.string(), debug: z.string(), info: z.unknown() })])
    .optional(),
})
const Body = z.union([
  z.strictObject({ jsonrpc: z.literal('2.0'), id: z.unknown(), result: z.unknown() }),
  z.strictObject({ jsonrpc: z.literal('2.0'), id: z.unknown(), error: ErrorObject }),
])

function faultOfBody({ method, caller, guarded, sequence }: Outcome, value: unknown): string | null {
  const { success, data: body } = Body.safeParse(value)
  if (!success) return 'is no answer of the protocol'
  const definition: MethodDefinition = CONTRACT[method]
  const closed = definition.auth !== 'public' && (caller === 'foreign' || (guarded && caller === 'anonymous'))
  const announced = guarded && definition.sync
  const reached =
    !('error' in body) ||
    (body.error.code !== RPC_CODES.parse && body.error.code !== RPC_CODES.invalidRequest)
  if (reached && (sequence !== null) !== announced) return announced ? 'lacks its sequence' : 'has a sequence'
  if ('error' in body) return faultOfError(body.error, closed && definition.auth !== 'login')
  if (closed && !(definition.auth === 'login' && caller === 'anonymous'))
    return 'was given to somebody who is not logged in'
  const result = definition.result.safeParse(body.result)
  return result.success
    ? null
    : `has a result that does not fit: ${z.prettifyError(result.error).slice(0, 300)}`
}

function faultOfError(error: z.infer<typeof ErrorObject> & RpcErrorObject, closed: boolean): string | null {
  const { code, data } = error
  if (closed && code !== 34 && code !== RPC_CODES.parse) return `lets strangers come as far as error ${code}`
  if (code === RPC_CODES.internal || !CODES.has(code)) return `has error ${code}`
  if (typeof data === 'object' && code === 1 && !data.details.startsWith('The encrypted secret')) {
    return `has an error without a kind: ${data.details}: ${data.debug}`.slice(0, 300)
  }
  return null
}
