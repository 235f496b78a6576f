import { setTimeout as delay } from 'node:timers/promises'
import { CodedError } from '@startd/base/errors.ts'
import { z } from 'zod'
import { MAX_DOCUMENT } from '../limits.ts'
import { answerChallenge } from './auth.ts'
import type { Credentials } from './credentials.ts'
import { type Answer, PATIENCE, type Patience, get, textOf } from './http.ts'
import { type Reference, endpointOf } from './reference.ts'

export interface ClientOptions {
  /** Without TLS, also beyond this machine. */
  insecure?: boolean
  credentials?: Credentials | null
  patience?: Patience
  signal?: AbortSignal | undefined
}

const MANIFESTS = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ')

const Failure = z.object({
  errors: z.array(z.object({ code: z.string().default(''), message: z.string().default('') })),
})

/** Speaks to the registry of one repository (OCI distribution-spec 1.1, pull). */
export class RegistryClient {
  readonly #reference: Reference
  readonly #base: URL
  readonly #options: ClientOptions
  readonly #patience: Patience
  #authorization: string | null = null

  constructor(reference: Reference, options: ClientOptions = {}) {
    this.#reference = reference
    this.#base = endpointOf(reference, options.insecure ?? false)
    this.#options = options
    this.#patience = options.patience ?? PATIENCE
  }

  get patience(): Patience {
    return this.#patience
  }

  /** A manifest or index, by tag or digest. Nobody has checked it. */
  async manifest(name: string): Promise<{ bytes: Buffer; mediaType: string; digest: string | null }> {
    return this.patiently(async () => {
      const answer = await this.#get(`manifests/${name}`, { accept: MANIFESTS })
      const what = `the manifest of ${this.#reference.repository}`
      const bytes = await textOf(answer, MAX_DOCUMENT, what)
      const mediaType = answer.headers.get('content-type')?.split(';')[0]?.trim() ?? ''
      return { bytes, mediaType, digest: answer.headers.get('docker-content-digest') }
    })
  }

  /** A blob from `offset` on; `start` says where the answer really begins: 0 when the registry knows no ranges. */
  async blob(digest: string, offset: number): Promise<{ start: number; body: AsyncIterable<Uint8Array> }> {
    const range: Record<string, string> = offset > 0 ? { range: `bytes=${offset}-` } : {}
    const answer = await this.#get(`blobs/${digest}`, { 'accept-encoding': 'identity', ...range })
    if (answer.status === 200) return { start: 0, body: answer.body }
    if (answer.status === 206 && answer.headers.get('content-range')?.startsWith(`bytes ${offset}-`)) {
      return { start: offset, body: answer.body }
    }
    await answer.discard()
    if (offset > 0) return this.blob(digest, 0)
    throw new CodedError('Network', `${this.#base.host} answers ${answer.status} when asked for a layer`)
  }

  /** Does something again that failed because of the network, after a growing wait. */
  async patiently<T>(act: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await act()
      } catch (cause) {
        if (attempt >= this.#patience.attempts || !isPassing(cause)) throw cause
        await this.pause(attempt)
      }
    }
  }

  async pause(attempt: number): Promise<void> {
    const { signal } = this.#options
    const wait = this.#patience.retry * 2 ** (attempt - 1)
    await delay(wait, undefined, signal ? { signal } : {}).catch(() => signal?.throwIfAborted())
  }

  async #get(path: string, headers: Record<string, string>): Promise<Answer> {
    const { repository } = this.#reference
    const url = new URL(`/v2/${repository}/${path}`, this.#base)
    const request = { patience: this.#patience, signal: this.#options.signal }
    const ask = () => {
      const authorization = this.#authorization
      return get(url, {
        ...request,
        headers: authorization === null ? headers : { ...headers, authorization },
      })
    }
    let answer = await ask()
    const challenge = answer.headers.get('www-authenticate')
    if (answer.status === 401 && challenge !== null) {
      await answer.discard()
      const credentials = this.#options.credentials ?? null
      const challenged = { challenge, registry: this.#base, repository, credentials, request }
      this.#authorization = await answerChallenge(challenged)
      if (this.#authorization === null) throw this.#refused()
      answer = await ask()
    }
    if (answer.status >= 200 && answer.status < 300) return answer
    throw await this.#failure(answer)
  }

  async #failure(answer: Answer): Promise<CodedError> {
    const { status } = answer
    if (status === 401 || status === 403) {
      await answer.discard()
      return this.#refused()
    }
    const said = status === 404 ? '' : await failureText(answer)
    if (status === 404) {
      await answer.discard()
      return new CodedError('NotFound', `${this.#base.host} has no ${this.#name()}`)
    }
    const text = `${this.#base.host} answers ${status} when asked for ${this.#name()}${said}`
    return new CodedError(status === 429 ? 'RateLimited' : 'Network', text, { info: { status } })
  }

  #refused(): CodedError {
    const text = `${this.#base.host} does not let us have ${this.#name()}: it is not there, or needs a log-in (“docker login”, “podman login” or “buildah login” stores one)`
    return new CodedError('Authorization', text)
  }

  #name(): string {
    const { repository, tag, digest } = this.#reference
    return `${repository}${digest === null ? `:${tag}` : `@${digest}`}`
  }
}

/** Whether trying again may help. */
export function isPassing(cause: unknown): boolean {
  if (!(cause instanceof CodedError)) return false
  if (cause.kind === 'Timeout' || cause.kind === 'RateLimited') return true
  if (cause.kind !== 'Network') return false
  const { info } = cause
  const status = typeof info === 'object' && info !== null && 'status' in info ? Number(info.status) : 500
  return status >= 500
}

async function failureText(answer: Answer): Promise<string> {
  const bytes = await textOf(answer, 64 * 1024, 'an error').catch(() => Buffer.alloc(0))
  try {
    const [first] = Failure.parse(JSON.parse(bytes.toString())).errors
    const said = (first?.message || first?.code || '').replaceAll(/[^\x20-\x7e]/g, ' ').slice(0, 200)
    return said === '' ? '' : `: ${said}`
  } catch {
    return ''
  }
}
