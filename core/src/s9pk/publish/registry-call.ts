import { z } from 'zod'
import { CodedError, ERROR_KINDS, type ErrorKind, detailsOf } from '@startd/base/errors.ts'
import { SIGNATURE_HEADER, signRequest } from './request-signature.ts'

/** A registry may have to look at a package on a slow server before it answers. */
const PATIENCE_MS = 120_000

export interface RegistryTarget {
  url: URL
  /** The name that the registry knows itself by; its host unless given. */
  hostname?: string | undefined
  seed: Uint8Array
  signal?: AbortSignal | undefined
}

const Answer = z.union([
  z.object({ error: z.object({ code: z.number(), message: z.string(), data: z.unknown().optional() }) }),
  z.object({ result: z.unknown() }),
])

/** Calls a method of a registry, signed. Throws the error that the registry answers, with its own code. */
export async function callRegistry(
  target: RegistryTarget,
  method: string,
  params: Record<string, unknown>,
): Promise<unknown> {
  const { url, seed, signal } = target
  const body = Buffer.from(JSON.stringify({ id: 0, method, params }))
  const patience = AbortSignal.timeout(PATIENCE_MS)
  const response = await fetch(endpoint(url), {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json',
      [SIGNATURE_HEADER]: signRequest(body, { seed, context: target.hostname ?? url.hostname }),
    },
    body,
    redirect: 'error',
    signal: signal ? AbortSignal.any([signal, patience]) : patience,
  }).catch((cause: unknown) => {
    signal?.throwIfAborted()
    throw unreachable(url, cause)
  })
  const text = await response.text()
  if (!response.ok)
    throw new CodedError('Network', `${url.host} answered ${response.status} ${response.statusText}`)
  const answer = Answer.safeParse(parsed(text))
  if (!answer.success)
    throw new CodedError('Network', `${url.host} did not answer as a registry does; is the address right?`)
  if ('error' in answer.data) throw refusal(url, answer.data.error)
  return answer.data.result
}

/** The base address of a registry, or one that ends in the path of its calls already. */
function endpoint(url: URL): URL {
  const base = url.href.replace(/\/+$/, '').replace(/\/rpc\/v0$/, '')
  return new URL(`${base}/rpc/v0`)
}

function unreachable(url: URL, cause: unknown): CodedError {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : String(cause)
  return new CodedError('Network', `the registry ${url.host} could not be reached: ${inner}`, { cause })
}

function refusal(url: URL, error: { code: number; message: string; data?: unknown }): CodedError {
  const known = Object.entries(ERROR_KINDS).find(([, [code]]) => code === error.code)
  const kind = (known?.[0] ?? 'Registry') as ErrorKind
  const advice =
    kind === 'Authorization' ? '. Its administrator must allow your key, which “start-cli pubkey” prints' : ''
  return new CodedError(kind, `${url.host} says: ${error.message}: ${detailsOf(error)}${advice}`)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
