import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A plain web server for one file, with ranges; counts what it sends. */
export class FileServer implements AsyncDisposable {
  readonly url: string
  sent = 0
  requests = 0
  readonly #server: ReturnType<typeof createServer>

  private constructor(server: ReturnType<typeof createServer>) {
    this.#server = server
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/package.s9pk`
  }

  static async serve(path: string): Promise<FileServer> {
    const { size } = await stat(path)
    const server = createServer((request, response) => {
      const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '')
      const [start, end] = range ? [Number(range[1]), Math.min(Number(range[2]), size - 1)] : [0, size - 1]
      response.writeHead(range ? 206 : 200, {
        'content-length': end - start + 1,
        etag: '"1"',
        ...(range && { 'content-range': `bytes ${start}-${end}/${size}` }),
      })
      self.requests++
      const content = createReadStream(path, { start, end, highWaterMark: 256 * 1024 })
      content.on('data', (chunk) => (self.sent += chunk.length))
      response.on('close', () => content.destroy())
      content.pipe(response)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const self = new FileServer(server)
    return self
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }
}
