import { CodedError } from '@startd/base/errors.ts'
import { z } from 'zod'
import { parseDocument } from '../documents.ts'
import type { Credentials } from './credentials.ts'
import { type Request, get, textOf } from './http.ts'

const Token = z.object({ token: z.string().optional(), access_token: z.string().optional() })
const MAX_TOKEN = 1024 * 1024

export interface Challenged {
  /** The header `www-authenticate`. */
  challenge: string
  /** The registry that asked. */
  registry: URL
  repository: string
  credentials: Credentials | null
  request: Omit<Request, 'headers'>
}

/**
 * The authorization that a registry asks for: a token from the place that it names (distribution-spec, token
 * authentication), or name and password. Null when it asks for a password and there is none.
 */
export async function answerChallenge(challenged: Challenged): Promise<string | null> {
  const { challenge, registry, repository, credentials, request } = challenged
  const basic =
    credentials &&
    `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`
  const bearer = /bearer\s+(.*)/i.exec(challenge)?.[1]
  if (bearer === undefined) return /basic/i.test(challenge) ? basic : null
  const values = new Map(
    [...bearer.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, value]),
  )
  const realm = values.get('realm') ?? ''
  const url = URL.canParse(realm) ? new URL(realm) : null
  if (
    url === null ||
    (url.protocol !== 'https:' && registry.protocol === 'https:') ||
    !/^https?:$/.test(url.protocol)
  ) {
    throw new CodedError('Network', `${registry.host} wants a token from a place that is no safe address`)
  }
  const service = values.get('service')
  if (service !== undefined) url.searchParams.set('service', service)
  url.searchParams.set('scope', values.get('scope') ?? `repository:${repository}:pull`)
  const answer = await get(url, { ...request, headers: basic === null ? {} : { authorization: basic } })
  if (answer.status !== 200) {
    await answer.discard()
    if (answer.status === 401 || answer.status === 403) return null
    throw new CodedError('Network', `${url.host} gives no token: it answers ${answer.status}`)
  }
  const what = `the token of ${url.host}`
  const { token, access_token } = parseDocument(Token, await textOf(answer, MAX_TOKEN, what), what)
  const given = token ?? access_token
  if (given === undefined || /[^\x21-\x7e]/.test(given)) {
    throw new CodedError('Deserialization', `${what} is not in its answer`)
  }
  return `Bearer ${given}`
}
