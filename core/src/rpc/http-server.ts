import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { ERROR_KINDS, CodedError } from '@startd/base/errors.ts'
import type { BootContext } from '@startd/base/rpc/method.ts'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { Caller } from './caller.ts'
import type { Cookies } from './cookies.ts'
import { Connections } from './connections.ts'
import { Continuations } from './continuations.ts'
import type { Scope } from './dispatcher.ts'
import { toCodedError } from './errors.ts'
import { type ReadMetrics, sendMetrics } from './metrics-route.ts'
import { HTTP_LIMITS, type HttpLimits } from './limits.ts'
import { isForeign, isOwnHost } from './request-origin.ts'
import { type OpenPackageFile, type OpenRemoteFile, sendPackageFile } from './package-route.ts'
import { RequestBodies } from './request-body.ts'
import type { RequestSignatures } from './request-signatures.ts'
import { answerRpc, originOf } from './rpc-route.ts'
import { COMMON_HEADERS, pageHeaders } from './security-headers.ts'
import { StaticFiles } from './static-files.ts'
import { WebSockets } from './web-sockets.ts'

/** What the server answers at a stage of its life (rpc.md §2). */
export interface ServedContext extends Scope {
  readonly name: BootContext
  /** Reads who calls from cookies and address; null where everybody may call. */
  readonly identify: ((cookies: Cookies, address: string) => Pick<Caller, 'kind' | 'session'>) | null
  /** Checks signed requests; absent where nobody can sign. */
  readonly signatures?: RequestSignatures
  /** Names beside the local ones that this server goes by, in lower case. */
  readonly hostNames: () => ReadonlySet<string>
  /** Files of installed packages; null where there are none. */
  readonly packageFiles: OpenPackageFile | null
  /** Files of packages on the web; absent where there are none. */
  readonly remoteFiles?: OpenRemoteFile
  /** For monitoring programs; absent where there is nothing to measure. */
  readonly metrics?: ReadMetrics
}

export interface HttpServerOptions {
  /** Directory of the built web interface; null serves none. */
  readonly web: string | null
  readonly limits?: HttpLimits
}

const STARTING_PAGE = `<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="1"><title>Starting</title>
<p style="font-family:sans-serif;text-align:center;margin-top:20vh">The server is starting …</p>`

/** One HTTP server for the whole process; what it serves is swapped as the boot goes on. */
export class HttpServer implements AsyncDisposable {
  readonly continuations = new Continuations()
  readonly #app: FastifyInstance
  readonly #sockets = new WebSockets(this.continuations)
  readonly #bodies: RequestBodies
  readonly #files: StaticFiles | null
  #context: ServedContext | null = null

  constructor({ web, limits = HTTP_LIMITS }: HttpServerOptions) {
    this.#files = web === null ? null : new StaticFiles(web)
    // Uploads may take hours: the time of a whole request is not limited, that of its headers is. A client that has gone
    // without a word is found out by the kernel.
    this.#bodies = new RequestBodies(limits)
    this.#app = Fastify({
      http: {
        keepAlive: true,
        keepAliveInitialDelay: 60_000,
        headersTimeout: limits.headersWithin,
        connectionsCheckingInterval: limits.headersWithin / 3,
      },
      forceCloseConnections: true,
      requestTimeout: 0,
      exposeHeadRoutes: false,
      routerOptions: { maxParamLength: 4096 },
      // Paths that cannot be read come to no hook.
      frameworkErrors: (_error, _request, { raw }) =>
        void raw.writeHead(400, COMMON_HEADERS).end('Bad Request'),
    })
    new Connections(limits.connections).watch(this.#app.server)
    this.#app.removeAllContentTypeParsers()
    this.#app.addContentTypeParser('*', (_request, _payload, done) => done(null))
    this.#app.addHook('onRequest', (request, reply) => this.#admit(request, reply))
    this.#app.setErrorHandler((error, request, reply) => this.#fail(error, request, reply))
    this.#app.setNotFoundHandler((_request, reply) => reply.code(405).send('Method Not Allowed'))
    this.#app.all('/rpc', (request, reply) => this.#rpc(request, reply))
    this.#app.all('/rpc/*', (request, reply) => this.#rpc(request, reply))
    this.#app.all('/rest/rpc/:guid', (request, reply) => this.#upload(request, reply))
    this.#app.all('/ws/rpc/:guid', (_request, reply) =>
      reply.code(426).header('upgrade', 'websocket').send('Upgrade Required'),
    )
    for (const url of ['/s9pk/installed/*', '/s9pk/proxy/*']) {
      const handler = (request: FastifyRequest, reply: FastifyReply) => this.#package(request, reply)
      this.#app.route({ method: ['GET', 'HEAD'], url, handler })
    }
    this.#app.get('/metrics', (request, reply) => sendMetrics(this.#context?.metrics, request, reply))
    this.#app.all('/*', (request, reply) => this.#file(request, reply))
    this.#app.server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head))
  }

  /** What holds the connections. */
  get server(): Server {
    return this.#app.server
  }

  /** Starts to answer; throws LanPortConflict when the port is taken. Answers the address. */
  async listen(host: string, port: number): Promise<{ host: string; port: number }> {
    try {
      await this.#app.listen({ host, port, listenTextResolver: () => '' })
    } catch (error) {
      throw listenError(error, host, port)
    }
    const address = this.#app.server.address()
    if (address === null || typeof address === 'string')
      throw new CodedError('Network', `nothing listens on ${host}`)
    return { host: address.address, port: address.port }
  }

  /** From the next request on, this context answers. Open streams go on. */
  serve(context: ServedContext): void {
    this.#context = context
  }

  /** Drops every connection; browsers notice and look for the server again. */
  async close(): Promise<void> {
    this.continuations.close()
    this.#sockets.close()
    await this.#app.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #admit(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const named = isOwnHost(request.headers.host, this.#context?.hostNames() ?? NO_NAMES)
    // Calls bring the headers themselves.
    if (named && request.url.startsWith('/rpc/')) return
    reply.headers(COMMON_HEADERS)
    if (!named) {
      await reply.code(421).type('text/plain; charset=utf-8').send(WRONG_NAME)
    }
  }

  async #rpc(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    try {
      await answerRpc(this.#context, this.#bodies, request, reply)
    } catch (error) {
      // The library has handed the answer over: nobody else ends it.
      this.#context?.onError(request.url, error)
      if (!reply.raw.headersSent) reply.raw.writeHead(500)
      reply.raw.end()
    }
  }

  async #upload(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { guid } = request.params as { guid: string }
    if (isForeign(request.headers)) return reply.code(403).send('Forbidden')
    using taken = this.continuations.takeUpload(guid)
    if (taken === null) return reply.code(404).send('Not Found')
    reply.raw.once('close', () => taken.abort(new CodedError('Cancelled', 'The upload was cut off')))
    try {
      await taken.handler(request.raw, taken.signal)
      return reply.code(204).send()
    } catch (error) {
      const coded = toCodedError(error)
      return reply
        .code(400)
        .type('text/plain; charset=utf-8')
        .send(`${ERROR_KINDS[coded.kind][1]}: ${coded.details}`)
    }
  }

  async #package(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const context = this.#context
    if (!context?.packageFiles) return reply.code(404).send('Not Found')
    const open = { installed: context.packageFiles, remote: context.remoteFiles }
    try {
      return await sendPackageFile(open, originOf(context, request), request, reply)
    } catch (error) {
      const { kind, details } = toCodedError(error)
      return reply.code(502).type('text/plain; charset=utf-8').send(`${ERROR_KINDS[kind][1]}: ${details}`)
    }
  }

  async #file(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    reply.headers(pageHeaders((await this.#files?.inlineScriptHashes()) ?? []))
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return reply.code(405).send('Method Not Allowed')
    if (this.#context === null)
      return reply.type('text/html; charset=utf-8').header('cache-control', 'no-store').send(STARTING_PAGE)
    if (this.#files === null) return reply.code(404).send('Not Found')
    const { headers } = request
    const answer = await this.#files.answer(request.url.split('?')[0] ?? '/', {
      acceptEncoding: headers['accept-encoding'],
      ifNoneMatch: headers['if-none-match'],
      range: headers.range,
    })
    reply.code(answer.status).headers(answer.headers)
    if (request.method === 'GET') return reply.send(answer.body)
    return reply.header('content-length', answer.body.length).send()
  }

  /** Errors outside of calls; what is the caller's own fault carries its status. */
  #fail(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    reply.headers(COMMON_HEADERS)
    const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500
    if (status < 500) return reply.code(status).send('Bad Request')
    this.#context?.onError(request.url, error)
    return reply.code(500).send('Internal Server Error')
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const named = isOwnHost(request.headers.host, this.#context?.hostNames() ?? NO_NAMES)
    const refusal = !named ? 421 : isForeign(request.headers) ? 403 : null
    this.#sockets.upgrade(request, socket, head, refusal)
  }
}

const WRONG_NAME =
  'This server does not go by that name. Open it by its number address, such as http://192.168.1.5:8080, ' +
  'or by the name of its machine, alone or with “.local” after it.'
const NO_NAMES: ReadonlySet<string> = new Set()
function listenError(error: unknown, host: string, port: number): CodedError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  const texts: Record<string, string> = {
    EADDRINUSE: `Another program already uses port ${port} on ${host}. Stop it, or choose another port with --port.`,
    EACCES: `Only root may use port ${port}. Choose one above 1023 with --port.`,
    EADDRNOTAVAIL: `This machine has no address ${host}. Choose another with --listen.`,
  }
  const text = texts[String(code)] ?? `Cannot listen on ${host}:${port}`
  return new CodedError(code === 'EADDRINUSE' ? 'LanPortConflict' : 'Network', text, { cause: error })
}
