import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'

const MAX_CONNECTIONS = 1024
const CONNECT_PATIENCE = 10_000

/** A side that has gone without a word, with its power or its network, is found out and its place given back. */
const SOCKET = { allowHalfOpen: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 } as const

export interface ForwardTarget {
  readonly host: string
  readonly port: number
}

/** Carries TCP connections from one address of the host to a container, each direction ending by itself. */
export class TcpForward {
  readonly #server: Server
  readonly #open = new Set<Socket>()
  readonly target: ForwardTarget

  private constructor(target: ForwardTarget) {
    this.target = target
    this.#server = createServer(SOCKET, (client) => {
      this.#carry(client)
    })
    this.#server.maxConnections = MAX_CONNECTIONS
  }

  /** Rejects with the system's error, `EADDRINUSE` above all. */
  static async listen(address: string, port: number, target: ForwardTarget): Promise<TcpForward> {
    const forward = new TcpForward(target)
    forward.#server.listen({ host: address, port, ipv6Only: false })
    await once(forward.#server, 'listening')
    // A connection that could not be taken, for want of file descriptors, is the client's to repeat.
    forward.#server.on('error', () => undefined)
    return forward
  }

  /** Stops listening and ends every connection. */
  async close(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    for (const socket of this.#open) socket.destroy()
    await closed
  }

  #carry(client: Socket): void {
    const service = connect({ ...this.target, ...SOCKET })
    for (const socket of [client, service]) {
      this.#open.add(socket)
      // Told to `close` as well, which is where it is acted upon.
      socket.on('error', () => undefined)
      socket.on('close', () => this.#open.delete(socket))
    }
    const giveUp = setTimeout(() => {
      service.destroy(new Error('no answer'))
    }, CONNECT_PATIENCE)
    service.once('connect', () => {
      clearTimeout(giveUp)
    })
    service.once('close', () => {
      clearTimeout(giveUp)
    })
    // `pipe` hands on each direction's end by itself; only a broken connection takes the other one along.
    client.pipe(service).pipe(client)
    client.on('close', (broken) => {
      if (broken) service.resetAndDestroy()
    })
    service.on('close', (broken) => {
      if (broken) client.resetAndDestroy()
    })
  }
}
