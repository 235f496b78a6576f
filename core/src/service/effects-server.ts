import { rename, rm } from 'node:fs/promises'
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { z } from 'zod'
import { CodedError, RPC_CODES, type RpcErrorObject } from '@startd/base/errors.ts'
import { LineReader } from '@startd/base/lines.ts'
import type { Container } from '../container/index.ts'
import { shortSocketPath } from './socket-path.ts'

const SOCKET = 'host.sock'
const MAX_CONNECTIONS = 1024
const MAX_BATCH = 1000
const MAX_REQUEST = 4 * 1024 * 1024
/** Unanswered requests of one connection after which no more are read from it. */
const MAX_WAITING = 4096

/** Answers one call; rejects with `EffectError` or any coded error. */
export type EffectHandler = (method: string, params: unknown) => Promise<unknown>

/** A refusal by the protocol itself, with its JSON-RPC number (effects.md §1.3). */
export class EffectError extends Error {
  readonly code: number
  readonly data: unknown

  constructor(code: number, message: string, data?: unknown) {
    super(message)
    this.name = 'EffectError'
    this.code = code
    this.data = data
  }
}

/**
 * The host's end of a package's effects: one JSON value a line on `host.sock`, many requests a
 * connection, batches, answers in the order in which they finish (effects.md §1).
 */
export class EffectsServer {
  readonly #handle: EffectHandler
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #waiting = new Set<Promise<void>>()
  #path: string | null = null

  constructor(handle: EffectHandler) {
    this.#handle = handle
    this.#server = createServer({ allowHalfOpen: true }, (socket) => {
      this.#serve(socket)
    })
    this.#server.maxConnections = MAX_CONNECTIONS
    // A connection that could not be taken, for want of file descriptors, is the caller's to repeat.
    this.#server.on('error', () => undefined)
  }

  /** Takes the place of any socket of a previous daemon; from then on the container's root can connect. */
  async listen(container: Pick<Container, 'rpcDir' | 'chownForContainer'>): Promise<void> {
    const path = join(container.rpcDir, SOCKET)
    const fresh = join(container.rpcDir, `.${SOCKET}`)
    await rm(fresh, { force: true })
    await using address = await shortSocketPath(fresh)
    this.#server.listen(address.path)
    await once(this.#server, 'listening')
    await container.chownForContainer(fresh)
    await rename(fresh, path)
    this.#path = path
  }

  /** Stops listening, waits up to `timeout` ms for calls under way, then hangs up. */
  async close(timeout: number): Promise<void> {
    this.#server.close()
    if (this.#path !== null) await rm(this.#path, { force: true })
    const expired = AbortSignal.timeout(timeout)
    if (this.#waiting.size > 0) {
      await Promise.race([Promise.allSettled(this.#waiting), once(expired, 'abort')])
    }
    this.hangUp()
  }

  /** Ends at once and leaves the socket file for the next daemon to replace. */
  hangUp(): void {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket)
    let waiting = 0
    let ended = false
    const done = () => {
      waiting--
      if (socket.isPaused() && waiting < MAX_WAITING) socket.resume()
      if (ended && waiting === 0) socket.end()
    }
    const lines = new LineReader(MAX_REQUEST)
    const take = (line: string) => {
      waiting++
      if (waiting >= MAX_WAITING) socket.pause()
      const answer = this.#answer(line).then((text) => {
        if (socket.writable) socket.write(`${text}\n`)
        done()
      })
      this.#waiting.add(answer)
      void answer.finally(() => this.#waiting.delete(answer))
    }
    socket.on('data', (piece: Buffer) => {
      try {
        for (const line of lines.push(piece)) take(line)
      } catch {
        socket.destroy()
      }
    })
    socket.on('end', () => {
      ended = true
      if (waiting === 0) socket.end()
    })
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.#sockets.delete(socket))
  }

  /** The answer line of a request line; never rejects. */
  async #answer(line: string): Promise<string> {
    let value: unknown
    try {
      value = JSON.parse(line)
    } catch {
      return JSON.stringify(failure(null, { code: RPC_CODES.parse, message: 'Parse error' }))
    }
    if (!Array.isArray(value)) return JSON.stringify(await this.#answerOne(value))
    if (value.length === 0 || value.length > MAX_BATCH) {
      return JSON.stringify(failure(null, { code: RPC_CODES.invalidRequest, message: 'Invalid request' }))
    }
    return JSON.stringify(await Promise.all(value.map((request) => this.#answerOne(request))))
  }

  async #answerOne(value: unknown): Promise<unknown> {
    const request = Request.safeParse(value)
    if (!request.success) {
      const id = LooseId.safeParse(value)
      return failure(id.success ? (id.data.id ?? null) : null, {
        code: RPC_CODES.invalidRequest,
        message: 'Invalid request',
        data: 'a request has a method and params',
      })
    }
    const { id = null, method, params } = request.data
    try {
      return { jsonrpc: '2.0', result: (await this.#handle(method, params)) ?? null, id }
    } catch (error) {
      return failure(id, errorObject(error))
    }
  }
}

const Id = z.union([z.string(), z.number(), z.null()]).optional()
const LooseId = z.object({ id: Id })
const Request = z.object({ id: Id, method: z.string(), params: z.record(z.string(), z.unknown()) })

function failure(id: string | number | null, error: RpcErrorObject): unknown {
  return { jsonrpc: '2.0', error, id }
}

function errorObject(error: unknown): RpcErrorObject {
  if (error instanceof EffectError) return { code: error.code, message: error.message, data: error.data }
  if (error instanceof CodedError) return error.toRpc()
  const details = error instanceof Error ? error.message : String(error)
  return new CodedError('Unknown', details, { cause: error }).toRpc()
}
