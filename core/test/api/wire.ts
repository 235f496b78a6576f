import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { MethodTable } from '../../src/rpc/handlers.ts'
import { HttpServer } from '../../src/rpc/http-server.ts'
import { HTTP_LIMITS, type HttpLimits } from '../../src/rpc/limits.ts'
import { echoHandlers, stateHandlers } from '../../src/api/top.ts'

/** A server with two public methods, for those who look at bytes and connections alone. */
export class Wire implements AsyncDisposable {
  readonly http: HttpServer
  readonly port: number
  /** What went wrong inside, which must be nothing. */
  readonly errors: unknown[] = []

  private constructor(http: HttpServer, port: number) {
    this.http = http
    this.port = port
  }

  static async open(limits: Partial<HttpLimits> = {}): Promise<Wire> {
    const http = new HttpServer({ web: null, limits: { ...HTTP_LIMITS, ...limits } })
    const { port } = await http.listen('127.0.0.1', 0)
    const wire = new Wire(http, port)
    http.serve({
      name: 'running',
      methods: MethodTable.partial({ ...echoHandlers, ...stateHandlers('running') }),
      gate: null,
      fence: null,
      identify: () => ({ kind: 'anonymous', session: null }),
      hostNames: () => new Set(),
      packageFiles: null,
      onError: (_method, error) => wire.errors.push(error),
    })
    return wire
  }

  /** A connection from one of this machine's addresses. */
  async connect(from = '127.0.0.1'): Promise<Socket> {
    const socket = connect({ port: this.port, host: '127.0.0.1', localAddress: from })
    socket.on('error', () => undefined)
    await once(socket, 'connect')
    return socket
  }

  /** Sends bytes and answers everything that comes until the server closes the connection. */
  async send(bytes: string | Uint8Array): Promise<string> {
    const socket = await this.connect()
    const answer = untilClosed(socket)
    socket.write(bytes)
    return answer
  }

  /** Whether the server still answers somebody else. */
  async echo(from = '127.0.0.1'): Promise<string> {
    const socket = await this.connect(from)
    const answer = untilClosed(socket)
    socket.write(post('{"id":1,"method":"echo","params":{"message":"hello"}}', 'Connection: close\r\n'))
    return (await answer).split('\r\n\r\n')[1] ?? ''
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.http.close()
  }
}

export const ECHOED = '{"jsonrpc":"2.0","result":"hello","id":1}'

/** A call as bytes. */
export function post(body: string, headers = ''): string {
  return `POST /rpc/v1 HTTP/1.1\r\nHost: localhost\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
}

/** All that comes on a connection until its end. */
export function untilClosed(socket: Socket): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>()
  let text = ''
  socket.on('data', (data) => (text += data.toString('latin1')))
  socket.once('close', () => resolve(text))
  return promise
}
