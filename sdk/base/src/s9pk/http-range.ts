import { CodedError } from '../errors.ts'
import { TransferError, transferError } from './transfer-error.ts'

export interface HttpOptions {
  /** Another `fetch`, such as one with its own rules for redirects. */
  fetch?: Fetch
  signal?: AbortSignal
  /** Milliseconds of waiting after which a server that sends (nearly) nothing is given up. */
  patience?: number
}

export type Fetch = (url: string, init: RequestInit) => Promise<Response>

/** What a server answered. Its body must be read to the end or cancelled. */
export interface Answer {
  /** `part`: the bytes that were asked for; `whole`: the whole file, for the server ignores ranges; `beyond`: the file is shorter. */
  kind: 'part' | 'whole' | 'beyond'
  /** Length of the whole file, where the server says it. */
  total: number | null
  /** Changes when the file does, where the server says it. */
  version: string | null
  /** Throws TransferError when it stalls, is cut, or is longer than announced. */
  body: AsyncGenerator<Uint8Array>
  cancel(): void
}

export const PATIENCE = 30_000
/** A server must send this much within the patience, so that a trickle does not count as life. */
const PACE = 4096

/** Asks for the bytes from `start` up to, not including, `end`. */
export async function getRange(
  url: string,
  start: number,
  end: number,
  options: HttpOptions = {},
): Promise<Answer> {
  const transfer = new Transfer(url, options)
  const response = await transfer.open({ range: `bytes=${start}-${end - 1}` })
  const version = versionOf(response)
  if (response.status === 416) {
    transfer.cancel()
    const total = Number(/\/(\d+)$/.exec(response.headers.get('content-range') ?? '')?.[1] ?? NaN)
    return { kind: 'beyond', total: total || null, version, body: none(), cancel: () => undefined }
  }
  if (response.status !== 206) return transfer.whole(response)
  const range = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(response.headers.get('content-range') ?? '')
  // Across origins a browser may hide the header; then the length and the hashes must do.
  const [from, to] = range ? [Number(range[1]), Number(range[2]) + 1] : [start, null]
  if (from !== start || (to !== null && (to > end || to <= from))) {
    transfer.cancel()
    throw new TransferError(
      'wrong-range',
      `${transfer.host} sent another part of the file than was asked for`,
    )
  }
  const total = range && range[3] !== '*' ? Number(range[3]) : null
  const exactly = to === null ? null : to - from
  const body = transfer.body(response, { exactly, atMost: exactly ?? end - start })
  return { kind: 'part', total, version, body, cancel: () => transfer.cancel() }
}

/** Asks for the whole file. */
export async function getWhole(url: string, options: HttpOptions = {}): Promise<Answer> {
  const transfer = new Transfer(url, options)
  return transfer.whole(await transfer.open({ 'accept-encoding': 'identity' }))
}

interface Length {
  exactly: number | null
  atMost: number
}

/** One request and its answer, given up when the server stalls or the caller cancels. */
class Transfer {
  readonly host: string
  readonly #url: string
  readonly #options: HttpOptions
  readonly #giveUp = new AbortController()
  readonly #patience: number

  constructor(url: string, options: HttpOptions) {
    this.#url = url
    this.host = hostOf(url)
    this.#options = options
    this.#patience = options.patience ?? PATIENCE
  }

  /** Any answer with a status that can be worked with. */
  async open(headers: Record<string, string>): Promise<Response> {
    const { fetch = globalThis.fetch, signal } = this.#options
    const both = signal ? AbortSignal.any([signal, this.#giveUp.signal]) : this.#giveUp.signal
    const response = await this.#within(this.#patience, () => fetch(this.#url, { headers, signal: both }))
    if (response.ok || response.status === 416) return response
    this.cancel()
    throw refusal(response.status, this.host)
  }

  whole(response: Response): Answer {
    const encoded = (response.headers.get('content-encoding') ?? 'identity') !== 'identity'
    const length = encoded ? null : response.headers.get('content-length')
    const total = length === null ? null : Number(length)
    const body = this.body(response, { exactly: total, atMost: total ?? Infinity })
    return { kind: 'whole', total, version: versionOf(response), body, cancel: () => this.cancel() }
  }

  cancel(): void {
    this.#giveUp.abort(new CodedError('Cancelled', 'the rest is not needed'))
  }

  async *body(response: Response, { exactly, atMost }: Length): AsyncGenerator<Uint8Array> {
    const reader = response.body?.getReader()
    let received = 0
    let [waited, sinceThen] = [0, 0]
    try {
      while (reader) {
        const start = performance.now()
        const { done, value } = await this.#within(this.#patience - waited, () => reader.read())
        if (done) break
        received += value.length
        if (received > atMost)
          throw new TransferError('wrong-range', `${this.host} sent more bytes than it had announced`)
        ;[waited, sinceThen] = [waited + performance.now() - start, sinceThen + value.length]
        if (sinceThen >= PACE) [waited, sinceThen] = [0, 0]
        yield value
      }
      if (exactly !== null && received < exactly)
        throw new TransferError('cut', `${this.host} closed the connection before everything had arrived`)
    } finally {
      this.cancel()
    }
  }

  async #within<T>(ms: number, work: () => Promise<T>): Promise<T> {
    const stalled = () =>
      this.#giveUp.abort(
        new TransferError(
          'stalled',
          `${this.host} sent nothing for ${Math.ceil(this.#patience / 1000)} seconds`,
        ),
      )
    const timer = setTimeout(stalled, Math.max(ms, 0))
    try {
      return await work()
    } catch (cause) {
      const { signal } = this.#options
      if (signal?.aborted)
        throw new CodedError('Cancelled', 'the transfer was cancelled', { cause: signal.reason })
      throw transferError(this.#giveUp.signal.aborted ? this.#giveUp.signal.reason : cause, this.host)
    } finally {
      clearTimeout(timer)
    }
  }
}

function refusal(status: number, host: string): TransferError {
  if (status === 404 || status === 410)
    return new TransferError('refused', `${host} has no file at this address (HTTP ${status})`)
  if (status === 401 || status === 403)
    return new TransferError('refused', `${host} does not let us have this file (HTTP ${status})`)
  if (status === 429 || status >= 500)
    return new TransferError('busy', `${host} cannot answer at the moment (HTTP ${status})`)
  return new TransferError('refused', `${host} refused the request (HTTP ${status})`)
}

function versionOf({ headers }: Response): string | null {
  return headers.get('etag') ?? headers.get('last-modified')
}

/** Host and port of an address for error texts. Throws ParseUrl for what is no web address. */
export function hostOf(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : null
  if (parsed?.protocol !== 'http:' && parsed?.protocol !== 'https:')
    throw new CodedError(
      'ParseUrl',
      `“${url.slice(0, 200)}” is not a web address; it must begin with https:// or http://`,
    )
  return parsed.host
}

async function* none(): AsyncGenerator<Uint8Array> {}
