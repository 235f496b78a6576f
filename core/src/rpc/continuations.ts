import type { IncomingMessage } from 'node:http'
import { newGuid } from '@startd/base/base32.ts'
import type { Guid } from '@startd/base/ids.ts'
import { CodedError } from '@startd/base/errors.ts'
import type { JsonSocket } from './json-socket.ts'

/** Time in which a continuation must be used first. */
export const DEFAULT_LIFETIME = 30_000

/** Unused promises of one login, or of all strangers together while strangers may have some. */
const MOST_WAITING = 512

/** Speaks over a WebSocket until it returns (closed with 1000) or throws (closed with 1011 and the text). */
export type SocketHandler = (socket: JsonSocket, signal: AbortSignal) => Promise<void>
/** Takes a request's body; returning means that it was received whole. */
export type UploadHandler = (request: IncomingMessage, signal: AbortSignal) => Promise<void>

export interface ContinuationOptions {
  /** Login that it belongs to: ending the login ends it. */
  session: string | null
  lifetime?: number
  /** Told when nobody came in time, or when it was ended before its first use. */
  onUnused?: (reason: CodedError) => void
}

interface Entry {
  readonly kind: 'ws' | 'rest'
  readonly handler: SocketHandler | UploadHandler
  readonly options: ContinuationOptions
  readonly expiry: NodeJS.Timeout
}

/** A taken continuation: its handler and what ends it. */
export interface Taken<H> extends Disposable {
  readonly handler: H
  readonly signal: AbortSignal
  /** Ends it from the outside, for example when the other side is gone. */
  abort(reason: Error): void
}

/** Streams that a method has promised: one-shot ids that work for a short time (rpc.md §8). */
export class Continuations {
  readonly #waiting = new Map<string, Entry>()
  readonly #running = new Map<AbortController, string | null>()

  /** Promises a WebSocket at `/ws/rpc/<guid>`. */
  socket(handler: SocketHandler, options: ContinuationOptions): Guid {
    return this.#add('ws', handler, options)
  }

  /** Promises an upload address at `/rest/rpc/<guid>`. */
  upload(handler: UploadHandler, options: ContinuationOptions): Guid {
    return this.#add('rest', handler, options)
  }

  /** Null for unknown, used and expired ids, and for those of the other kind, which stay usable. */
  takeSocket(guid: string): Taken<SocketHandler> | null {
    return this.#take('ws', guid) as Taken<SocketHandler> | null
  }

  takeUpload(guid: string): Taken<UploadHandler> | null {
    return this.#take('rest', guid) as Taken<UploadHandler> | null
  }

  /** Ends all streams of these logins, used or not. */
  kill(sessions: readonly string[]): void {
    this.#end((session) => session !== null && sessions.includes(session), 'This login was ended')
  }

  close(): void {
    this.#end(() => true, 'The server is stopping')
  }

  #end(concerns: (session: string | null) => boolean, text: string): void {
    const reason = new CodedError('Cancelled', text)
    for (const [guid, entry] of this.#waiting)
      if (concerns(entry.options.session)) this.#drop(guid, entry, reason)
    for (const [controller, session] of [...this.#running]) if (concerns(session)) controller.abort(reason)
  }

  #add(kind: Entry['kind'], handler: Entry['handler'], options: ContinuationOptions): Guid {
    this.#makeRoom(options.session)
    const guid = newGuid()
    const lifetime = options.lifetime ?? DEFAULT_LIFETIME
    const expire = () => this.#drop(guid, entry, new CodedError('Timeout', 'Nobody used this in time'))
    const entry: Entry = { kind, handler, options, expiry: setTimeout(expire, lifetime).unref() }
    this.#waiting.set(guid, entry)
    return guid
  }

  /** Whoever asks for more promises than it can use loses its oldest ones. */
  #makeRoom(session: string | null): void {
    if (this.#waiting.size < MOST_WAITING) return
    const own = [...this.#waiting].filter(([, { options }]) => options.session === session)
    const [oldest] = own
    if (own.length < MOST_WAITING || oldest === undefined) return
    this.#drop(...oldest, new CodedError('RateLimited', 'Too many streams were asked for'))
  }

  #drop(guid: string, entry: Entry, reason: CodedError): void {
    clearTimeout(entry.expiry)
    this.#waiting.delete(guid)
    entry.options.onUnused?.(reason)
  }

  #take(kind: Entry['kind'], guid: string): Taken<SocketHandler | UploadHandler> | null {
    const entry = this.#waiting.get(guid)
    if (entry?.kind !== kind) return null
    clearTimeout(entry.expiry)
    this.#waiting.delete(guid)
    const controller = new AbortController()
    this.#running.set(controller, entry.options.session)
    return {
      handler: entry.handler,
      signal: controller.signal,
      abort: (reason) => controller.abort(reason),
      [Symbol.dispose]: () => void this.#running.delete(controller),
    }
  }
}
