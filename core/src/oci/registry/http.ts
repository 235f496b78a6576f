import { CodedError } from '@startd/base/errors.ts'

/** How long a registry may keep silent, in milliseconds: before it answers, and between two pieces. */
export interface Patience {
  silence: number
  /** Wait before a failed request is tried again; it doubles each time. */
  retry: number
  /** Tries in a row without a single new byte. */
  attempts: number
}

export const PATIENCE: Patience = { silence: 60_000, retry: 500, attempts: 5 }

const MAX_REDIRECTS = 5

/** An answer whose body stops with an error when the other side falls silent. */
export interface Answer {
  status: number
  headers: Headers
  body: AsyncIterable<Uint8Array>
  /** Gives the connection up without reading the body. */
  discard(): Promise<void>
}

export interface Request {
  headers: Record<string, string>
  patience: Patience
  signal?: AbortSignal | undefined
}

/**
 * GETs a URL and follows redirects: at most five, never from HTTPS to HTTP, and without the authorization when
 * the origin changes, because registries send their readers to stores that are none of theirs.
 */
export async function get(url: URL, request: Request): Promise<Answer> {
  const headers = { ...request.headers }
  let at = url
  for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
    const answer = await once(at, { ...request, headers })
    const location = answer.headers.get('location')
    if (![301, 302, 303, 307, 308].includes(answer.status) || location === null) return answer
    await answer.discard()
    const next = URL.canParse(location, at) ? new URL(location, at) : null
    if (next === null || !['http:', 'https:'].includes(next.protocol)) {
      throw new CodedError('Network', `${url.host} sends us to something that is no address`)
    }
    if (at.protocol === 'https:' && next.protocol === 'http:') {
      throw new CodedError('Network', `${url.host} sends us from HTTPS to HTTP, which is not safe`)
    }
    if (next.origin !== at.origin) delete headers['authorization']
    at = next
  }
  throw new CodedError('Network', `${url.host} sends us from one address to the next without end`)
}

async function once(url: URL, { headers, patience, signal }: Request): Promise<Answer> {
  const control = new AbortController()
  const watch = new Watch(patience.silence, () =>
    control.abort(
      new CodedError('Timeout', `${url.host} keeps silent for ${patience.silence / 1000} seconds`),
    ),
  )
  const signals = signal ? AbortSignal.any([signal, control.signal]) : control.signal
  try {
    const response = await fetch(url, { headers, redirect: 'manual', signal: signals })
    const body = response.body
    return {
      status: response.status,
      headers: response.headers,
      body: bodyOf(url, body, watch, signals),
      discard: async () => {
        watch.stop()
        await body?.cancel().catch(() => undefined)
      },
    }
  } catch (cause) {
    watch.stop()
    throw networkError(url, cause, signals)
  }
}

async function* bodyOf(
  url: URL,
  body: ReadableStream<Uint8Array> | null,
  watch: Watch,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  try {
    if (body === null) return
    for await (const chunk of body) {
      watch.seen()
      yield chunk
      watch.seen()
    }
  } catch (cause) {
    throw networkError(url, cause, signal)
  } finally {
    watch.stop()
  }
}

/** What went wrong, in words. Errors of whoever stopped it travel on. */
function networkError(url: URL, cause: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason
  if (cause instanceof CodedError) return cause
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause
  const said = inner instanceof Error ? inner.message || inner.name : String(inner)
  return new CodedError('Network', `could not fetch from ${url.host}: ${said}`, { cause })
}

/** Calls back when nothing was seen for a while. */
class Watch {
  readonly #timer: NodeJS.Timeout

  constructor(silence: number, bark: () => void) {
    this.#timer = setTimeout(bark, silence)
  }

  seen(): void {
    this.#timer.refresh()
  }

  stop(): void {
    clearTimeout(this.#timer)
  }
}

/** A whole body of at most `max` bytes. */
export async function textOf(answer: Answer, max: number, what: string): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of answer.body) {
    length += chunk.length
    if (length > max) throw new CodedError('Pack', `${what} is longer than ${max} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
