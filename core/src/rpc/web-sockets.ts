import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Continuations, SocketHandler, Taken } from './continuations.ts'
import { JsonSocket, SocketClosed } from './json-socket.ts'

/** Clients have nothing to say on these sockets but control frames. */
const MAX_INCOMING = 64 * 1024
const PATH = /^\/ws\/rpc\/([^/?]+)(?:\?.*)?$/

/** Hands WebSocket upgrades to the continuation that their one-shot id names. */
export class WebSockets {
  readonly #server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_INCOMING,
    perMessageDeflate: false,
  })
  readonly #continuations: Continuations

  constructor(continuations: Continuations) {
    this.#continuations = continuations
  }

  /** `refusal`: an HTTP status to answer instead, where the request must not be served. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, refusal: number | null): void {
    const guid = PATH.exec(request.url ?? '')?.[1]
    if (refusal !== null) return refuse(socket, refusal)
    if (!isWebSocketUpgrade(request)) return refuse(socket, 400)
    const taken = guid === undefined ? null : this.#continuations.takeSocket(guid)
    if (taken === null) return refuse(socket, 404)
    this.#server.handleUpgrade(request, socket, head, (webSocket) => void serve(webSocket, socket, taken))
  }

  /** Drops all connections without a closing handshake. */
  close(): void {
    for (const client of this.#server.clients) client.terminate()
    this.#server.close()
  }
}

async function serve(webSocket: WebSocket, connection: Duplex, taken: Taken<SocketHandler>): Promise<void> {
  using _running = taken
  const socket = new JsonSocket(webSocket, connection)
  let killed = false
  webSocket.once('close', () => taken.abort(new SocketClosed()))
  webSocket.on('error', () => webSocket.terminate())
  taken.signal.addEventListener('abort', () => {
    killed = true
    socket.terminate()
  })
  try {
    await taken.handler(socket, taken.signal)
    socket.close()
  } catch (error) {
    if (killed || error instanceof SocketClosed) socket.terminate()
    else socket.fail(error)
  }
}

function isWebSocketUpgrade({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket' && headers['sec-websocket-key'] !== undefined
}

const REASONS: Record<number, string> = {
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  421: 'Misdirected Request',
}

function refuse(socket: Duplex, status: number): void {
  const text = REASONS[status] ?? 'Error'
  socket.on('error', () => socket.destroy())
  socket.end(
    `HTTP/1.1 ${status} ${text}\r\nConnection: close\r\nContent-Length: ${text.length}\r\n\r\n${text}`,
  )
}
