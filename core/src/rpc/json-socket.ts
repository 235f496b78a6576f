import { randomBytes } from 'node:crypto'
import type { Duplex } from 'node:stream'
import { ERROR_KINDS } from '@startd/base/errors.ts'
import type { WebSocket } from 'ws'
import { toCodedError } from './errors.ts'

const PING_AFTER = 30_000
const DEAD_AFTER = 300_000
/** RFC 6455 §5.5: a close frame carries 125 bytes, two of them the code. */
const MAX_REASON_BYTES = 123
const CUT = '…'
/** Characters that may wait for a slow reader before `send` waits too. */
const HIGH_WATER = 1 << 20

/** A WebSocket that carries one JSON text per frame from the server to the client. */
export class JsonSocket {
  readonly #socket: WebSocket
  readonly #connection: Duplex
  readonly #keepalive: NodeJS.Timeout
  #lastHeard = Date.now()
  #lastSent = Date.now()

  /** `connection` is what the WebSocket runs on. */
  constructor(socket: WebSocket, connection: Duplex) {
    this.#socket = socket
    this.#connection = connection
    this.#keepalive = setInterval(() => this.#ping(), PING_AFTER / 2).unref()
    const heard = () => {
      this.#lastHeard = Date.now()
    }
    socket.on('pong', heard).on('ping', heard).on('message', heard)
    socket.once('close', () => clearInterval(this.#keepalive))
  }

  /** Fulfils when the frame has left, or at once as long as little is waiting. Throws when the socket is closed. */
  send(value: unknown): Promise<void> {
    return this.sendText(JSON.stringify(value))
  }

  /** As `send`, for a value that is JSON text already. */
  async sendText(text: string): Promise<void> {
    if (this.#socket.readyState !== this.#socket.OPEN) throw new SocketClosed()
    this.#lastSent = Date.now()
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#socket.send(text, (error) => (error ? reject(new SocketClosed(error)) : resolve()))
    if (this.#socket.bufferedAmount > HIGH_WATER) await promise
    else promise.catch(() => undefined)
  }

  /**
   * Sends whole frames that were made before, once for all sockets. Answers a promise when too much is waiting: it
   * fulfils when all has left. Throws when the socket is closed. There is no compression that would have to see them.
   */
  sendFrames(frames: readonly Buffer[]): Promise<void> | undefined {
    if (this.closed) throw new SocketClosed()
    this.#lastSent = Date.now()
    const connection = this.#connection
    if (frames.length > 1) connection.cork()
    for (const frame of frames) connection.write(frame)
    if (frames.length > 1) connection.uncork()
    if (connection.writableLength <= HIGH_WATER) return undefined
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const gone = () => reject(new SocketClosed())
    this.#socket.once('close', gone)
    connection.once('drain', () => {
      this.#socket.off('close', gone)
      resolve()
    })
    return promise
  }

  /** Ends with a closing handshake: the other side takes it as a regular end. */
  close(reason = 'complete'): void {
    this.#socket.close(1000, shorten(reason))
  }

  fail(error: unknown): void {
    const coded = toCodedError(error)
    this.#socket.close(1011, shorten(`${ERROR_KINDS[coded.kind][1]}: ${coded.details}`))
  }

  /** Drops the connection without a word, so that a browser notices and comes back (patch-db.md §11.2). */
  terminate(): void {
    this.#socket.terminate()
  }

  get closed(): boolean {
    return this.#socket.readyState !== this.#socket.OPEN
  }

  #ping(): void {
    if (Date.now() - this.#lastHeard > DEAD_AFTER) this.#socket.terminate()
    else if (Date.now() - Math.max(this.#lastHeard, this.#lastSent) >= PING_AFTER / 2) {
      this.#socket.ping(randomBytes(8))
    }
  }
}

/** The other side has gone; nobody is left to tell. */
export class SocketClosed extends Error {
  constructor(cause?: unknown) {
    super('the connection is closed', { cause })
    this.name = 'SocketClosed'
  }
}

/** Cut between characters, never inside one, and marked as cut. */
function shorten(reason: string): string {
  const bytes = Buffer.from(reason)
  if (bytes.length <= MAX_REASON_BYTES) return reason
  let end = MAX_REASON_BYTES - Buffer.byteLength(CUT)
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--
  return `${bytes.subarray(0, end).toString()}${CUT}`
}
