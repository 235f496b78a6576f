/** Numbers of rpc.md §5 that the interface treats in its own way. */
export const CODES = { methodNotFound: -32601, wrongPassword: 7, notLoggedIn: 34, rateLimited: 37 } as const

/** A call that was refused, or that never reached the server; `title` and `details` are for people. */
export class RpcFailure extends Error {
  readonly code: number | null
  readonly title: string
  readonly details: string
  /** What the server adds for programs. */
  readonly info: unknown

  constructor(code: number | null, title: string, details: string, cause?: unknown, info?: unknown) {
    super(details ? `${title}: ${details}` : title, { cause })
    this.name = 'RpcFailure'
    this.code = code
    this.title = title
    this.details = details
    this.info = info ?? null
  }

  static of(code: number, message: string, data: unknown): RpcFailure {
    return new RpcFailure(code, message, detailsOf(data), undefined, infoOf(data))
  }

  /** Seconds until the server listens again to somebody who tried too often; null where it does not say. */
  get retryAfter(): number | null {
    const { info } = this
    if (info === null || typeof info !== 'object' || !('retryAfter' in info)) return null
    return typeof info.retryAfter === 'number' ? info.retryAfter : null
  }
}

/** Both forms that `data` has on the wire: a text, or an object with `details`. */
function detailsOf(data: unknown): string {
  if (typeof data === 'string') return data
  return data !== null && typeof data === 'object' && 'details' in data ? String(data.details) : ''
}

function infoOf(data: unknown): unknown {
  return data !== null && typeof data === 'object' && 'info' in data ? data.info : null
}
