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
import { SIGNATURE_HEADER, type SignedRequest } from './request-signatures.ts'

/** Answers a call, or a batch of them, in the context of the moment (rpc.md §3, §4). */
export async function answerRpc(
  context: ServedContext | null,
  bodies: RequestBodies,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { origin } = request.headers
  if (origin !== undefined) reply.headers(corsHeaders(request, origin))
  if (request.method === 'OPTIONS') return reply.code(200).send('')
  // Exactly this type, and bytes: for text the library would add a charset, which the published command line refuses.
  reply.header('content-type', 'application/json')
  if (context === null) return reply.send(Buffer.from(STARTING))
  const cookieOrigin = originOf(context, request)
  const signed = readSignature(context, request, cookieOrigin)
  let body: Buffer
  try {
    body = await bodies.read(request.raw, senderOf(context, cookieOrigin, signed))
  } catch (error) {
    return reply
      .header('connection', 'close')
      .send(Buffer.from(JSON.stringify(failure(null, toRpcError(error)))))
  }
  const answer = await dispatch(
    context,
    body,
    signed === null ? cookieOrigin : signedOrigin(signed, body, cookieOrigin),
  )
  if (answer.sequences.length > 0) reply.header('x-patch-sequence', answer.sequences.map(String))
  for (const cookie of answer.cookies) reply.header('set-cookie', cookie)
  return reply.send(Buffer.from(answer.body))
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
