import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Behaviour {
  /** Answers with the whole file to every request. */
  noRanges?: boolean
  /** Closes the connection after this many bytes of an answer; asked with the answer's number and length. */
  cutAfter?: (request: number, length: number) => number | null
  /** Sends this many bytes and then nothing more. */
  stallAfter?: (request: number, length: number) => number | null
  /** Answers with this status instead. */
  status?: (request: number) => number | null
  /** Moves the start of each range. */
  shift?: number
  headers?: (request: number) => Record<string, string>
  /** What is sent instead of the file's own bytes. */
  change?: (bytes: Buffer, start: number) => Buffer
  /** The file from this request on. */
  replaced?: { from: number; by: Buffer }
}

/** A web server with one file and bad habits. */
export class MirrorServer implements AsyncDisposable {
  readonly url: string
  /** Stretches that were asked for, `null` for the whole file. */
  readonly requests: (readonly [number, number] | null)[] = []
  /** Bytes of bodies that were given to the connection. */
  sent = 0
  behaviour: Behaviour
  readonly #server: ReturnType<typeof createServer>

  private constructor(server: ReturnType<typeof createServer>, behaviour: Behaviour) {
    this.#server = server
    this.behaviour = behaviour
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/tiny.s9pk`
  }

  static async serve(file: Buffer, behaviour: Behaviour = {}): Promise<MirrorServer> {
    const server = createServer((request, response) => mirror.#answer(file, request, response))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const mirror = new MirrorServer(server, behaviour)
    return mirror
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #answer(original: Buffer, request: IncomingMessage, response: ServerResponse): void {
    const { behaviour } = this
    const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '')
    const number = this.requests.push(range ? [Number(range[1]), Number(range[2]) + 1] : null) - 1
    const status = behaviour.status?.(number)
    if (status) return void response.writeHead(status, behaviour.headers?.(number)).end()
    const { replaced } = behaviour
    const file = replaced && number >= replaced.from ? replaced.by : original
    const shift = behaviour.shift ?? 0
    const [start, end] =
      range && !behaviour.noRanges
        ? [Number(range[1]) + shift, Math.min(Number(range[2]) + 1 + shift, file.length)]
        : [0, file.length]
    if (start >= file.length)
      return void response.writeHead(416, { 'content-range': `bytes */${file.length}` }).end()
    const part = range && !behaviour.noRanges
    let bytes = file.subarray(start, end)
    if (behaviour.change) bytes = behaviour.change(Buffer.from(bytes), start)
    response.writeHead(part ? 206 : 200, {
      'content-length': end - start,
      ...(part && { 'content-range': `bytes ${start}-${end - 1}/${file.length}` }),
      etag: `"${file.length}"`,
      ...behaviour.headers?.(number),
    })
    this.#send(response, bytes, number)
  }

  #send(response: ServerResponse, bytes: Buffer, number: number): void {
    const stall = this.behaviour.stallAfter?.(number, bytes.length) ?? null
    const cut = this.behaviour.cutAfter?.(number, bytes.length) ?? null
    const limit = stall ?? cut
    const part = limit === null ? bytes : bytes.subarray(0, limit)
    this.sent += part.length
    if (limit === null || (cut !== null && limit >= bytes.length)) return void response.end(part)
    response.write(part, () => {
      if (cut !== null) response.destroy()
    })
    if (part.length === 0) response.flushHeaders()
  }
}
