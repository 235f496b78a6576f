import { connect, type Socket } from 'node:net'
import { once } from 'node:events'
import { JSONRPCClient, JSONRPCErrorException } from 'json-rpc-2.0'
import { CodedError, detailsOf, kindOfCode } from '@startd/base/errors.ts'
import { LineReader } from '@startd/base/lines.ts'
import type { RuntimeMethod, RuntimeParams } from '@startd/base/runtime-rpc.ts'
import { shortSocketPath } from './socket-path.ts'

const LOST = 'the connection to the service was lost before it answered'

/** How long to wait for an answer: `signal` ends the wait, the runtime goes on with the work. */
export interface CallOptions {
  signal?: AbortSignal
}

/**
 * Calls into a service's runtime, many at a time over one connection that is opened when needed
 * (service-runtime.md §4). A request is sent once and never again: a lost connection fails it, so
 * that nothing runs twice.
 */
export class RuntimeClient {
  readonly #path: string
  #socket: Promise<Socket> | null = null
  #closed = false
  readonly #rpc = new JSONRPCClient(async (payload: unknown) => {
    const socket = await this.#connection()
    socket.write(`${JSON.stringify(payload)}\n`)
  })

  constructor(path: string) {
    this.#path = path
  }

  /** Fulfils with the runtime's answer; rejects with a coded error, also when `signal` aborts first. */
  async call<M extends Exclude<RuntimeMethod, 'callback'>>(
    method: M,
    params: RuntimeParams<M>,
    { signal }: CallOptions = {},
  ): Promise<unknown> {
    signal?.throwIfAborted()
    await this.#connection()
    const answer = Promise.resolve(this.#rpc.request(method, params))
    try {
      return await (signal ? Promise.race([answer, rejectOn(signal)]) : answer)
    } catch (error) {
      throw codedRuntimeError(error)
    }
  }

  /** Fires callback `id` in the runtime; it does not answer. */
  async notify(id: number, args: unknown[]): Promise<void> {
    const socket = await this.#connection()
    socket.write(`${JSON.stringify({ jsonrpc: '2.0', method: 'callback', params: { id, args } })}\n`)
  }

  /** Fails what is unanswered and lets go of the connection. */
  close(): void {
    this.#closed = true
    this.#rpc.rejectAllPendingRequests(LOST)
    void this.#socket?.then(
      (socket) => socket.destroy(),
      () => undefined,
    )
  }

  #connection(): Promise<Socket> {
    if (this.#closed) return Promise.reject(new CodedError('Lxc', 'the service is not running'))
    this.#socket ??= this.#connect().catch((error: unknown) => {
      this.#socket = null
      throw error
    })
    return this.#socket
  }

  async #connect(): Promise<Socket> {
    await using address = await shortSocketPath(this.#path)
    const socket = connect(address.path)
    try {
      await once(socket, 'connect')
    } catch (cause) {
      throw new CodedError('Lxc', 'the service’s runtime does not answer', { cause })
    }
    const lines = new LineReader()
    socket.on('data', (piece: Buffer) => {
      try {
        for (const line of lines.push(piece)) this.#receive(line)
      } catch {
        socket.destroy()
      }
    })
    // Told to `close` as well, once and after everything else.
    socket.on('error', () => undefined)
    socket.on('close', () => {
      this.#socket = null
      this.#rpc.rejectAllPendingRequests(LOST)
    })
    return socket
  }

  #receive(line: string): void {
    try {
      this.#rpc.receive(JSON.parse(line))
    } catch {
      // A runtime that breaks the protocol on one line may still answer the next.
    }
  }
}

function rejectOn(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>()
  const abort = () => {
    reject(signal.reason as Error)
  }
  if (signal.aborted) abort()
  else signal.addEventListener('abort', abort, { once: true })
  return promise
}

/** Turns a refusal of the runtime into one of our errors (service-runtime.md §4). */
function codedRuntimeError(error: unknown): unknown {
  if (!(error instanceof JSONRPCErrorException)) {
    return error instanceof CodedError || !(error instanceof Error)
      ? error
      : new CodedError('Lxc', error.message, { cause: error })
  }
  const { code, message } = error
  if (message === LOST) return new CodedError('Lxc', LOST)
  const data: unknown = error.data
  const debug = isObject(data) && typeof data['debug'] === 'string' ? data['debug'] : ''
  return new CodedError(kindOfCode(code), detailsOf({ code, message, data }), {
    cause: new Error(debug || message),
    info: isObject(data) ? data['info'] : null,
  })
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null
