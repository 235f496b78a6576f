import type { OutgoingHttpHeaders } from 'node:http'
import { CodedError } from '@startd/base/errors.ts'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { ANONYMOUS, type Caller } from './caller.ts'
import { Cookies } from './cookies.ts'
import { dispatch, type Origin } from './dispatcher.ts'
import { failure } from './envelope.ts'
import { toCodedError, toRpcError } from './errors.ts'
import type { ServedContext } from './http-server.ts'
import { hostNameOf, isForeign } from './request-origin.ts'
import type { RequestBodies, Sender } from './request-body.ts'
import { COMMON_HEADERS } from './security-headers.ts'
import { SIGNATURE_HEADER, type SignedRequest } from './request-signatures.ts'

/** Exactly this type: the published command line refuses one with a charset. */
const HEADERS = { ...COMMON_HEADERS, 'content-type': 'application/json' }

/**
 * Answers a call, or a batch of them, in the context of the moment (rpc.md §3, §4). Written past the library, which
 * would take as long for the headers as everything else takes together.
 */
export async function answerRpc(
  context: ServedContext | null,
  bodies: RequestBodies,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const { origin } = request.headers
  const headers = origin === undefined ? HEADERS : { ...HEADERS, ...corsHeaders(request, origin) }
  const send = (text: string, more: OutgoingHttpHeaders | null = null) => {
    const body = Buffer.from(text)
    reply.raw.writeHead(200, { ...headers, ...more, 'content-length': body.length }).end(body)
  }
  reply.hijack()
  if (request.method === 'OPTIONS') return send('')
  if (context === null) return send(STARTING)
  const cookieOrigin = originOf(context, request)
  const signed = readSignature(context, request, cookieOrigin)
  let body: Buffer
  try {
    body = await bodies.read(request.raw, senderOf(context, cookieOrigin, signed))
  } catch (error) {
    return send(JSON.stringify(failure(null, toRpcError(error))), { connection: 'close' })
  }
  const caller = signed === null ? cookieOrigin : signedOrigin(signed, body, cookieOrigin)
  const answer = await dispatch(context, body, caller)
  const more: OutgoingHttpHeaders = {}
  if (answer.sequences.length > 0) more['x-patch-sequence'] = answer.sequences.map(String)
  if (answer.cookies.length > 0) more['set-cookie'] = [...answer.cookies]
  send(answer.body, more)
}

/** Who sends a request, as far as its cookies tell. */
export function originOf(context: ServedContext, request: FastifyRequest): Origin {
  const foreign = isForeign(request.headers)
  const who: Pick<Caller, 'kind' | 'session'> =
    context.identify && !foreign
      ? context.identify(new Cookies(request.headers.cookie), request.ip)
      : ANONYMOUS
  return {
    ...who,
    userAgent: request.headers['user-agent'] ?? null,
    address: request.ip,
    foreign,
    refusal: null,
  }
}

/** The signature of a request without a good cookie, or what is wrong with it; null where there is none. */
function readSignature(
  { signatures }: ServedContext,
  { headers }: FastifyRequest,
  { kind, foreign, address }: Origin,
): SignedRequest | CodedError | null {
  const header = headers[SIGNATURE_HEADER]
  if (typeof header !== 'string' || signatures === undefined || kind !== 'anonymous' || foreign) return null
  try {
    return signatures.open(header, hostNameOf(headers.host), address)
  } catch (error) {
    return toCodedError(error)
  }
}

function signedOrigin(signed: SignedRequest | CodedError, body: Buffer, origin: Origin): Origin {
  if (signed instanceof CodedError) return { ...origin, refusal: signed }
  try {
    signed.check(body)
    return { ...origin, kind: 'signature', session: signed.signer }
  } catch (error) {
    return { ...origin, refusal: toCodedError(error) }
  }
}

function senderOf(context: ServedContext, origin: Origin, signed: SignedRequest | CodedError | null): Sender {
  const known = origin.kind !== 'anonymous' || (signed !== null && !(signed instanceof CodedError))
  return context.identify && known ? 'known' : 'anonymous'
}

const STARTING = JSON.stringify(
  failure(null, new CodedError('Uninitialized', 'The server is starting').toRpc()),
)

/**
 * Pages of other origins may read answers, because their cookies were not looked at: they see what anybody
 * sees. The interface needs that to ask its own server under another name (rpc.md §6.1).
 */
function corsHeaders(request: FastifyRequest, origin: string): Record<string, string> {
  return {
    'access-control-allow-credentials': 'true',
    'access-control-allow-origin': origin,
    'access-control-allow-methods': request.headers['access-control-request-method'] ?? '*',
    'access-control-allow-headers': request.headers['access-control-request-headers'] ?? '*',
    vary: 'Origin',
  }
}
