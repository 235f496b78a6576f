import { type Socket, connect } from 'node:net'
import type { EffectName } from '@startd/base/effects.ts'
import { LineReader } from '@startd/base/lines.ts'
import {
  JSONRPCClient,
  JSONRPCErrorException,
  type JSONRPCRequest,
  createJSONRPCErrorResponse,
} from 'json-rpc-2.0'
import { EFFECT_TRAITS } from './effect-names.ts'

export interface HostOptions {
  /** Runs when the host is back after it went away: by then it has forgotten every callback. */
  readonly onReturn: () => void
  /** Whether something waits for the host even when no call does. */
  readonly isAwaited: () => boolean
  /** Milliseconds that a call which must not be repeated waits for an absent host. */
  readonly patience?: number
}

interface PendingCall {
  readonly line: string
  readonly method: string
  /** May be sent again when its answer was lost. */
  readonly again: boolean
  sent: boolean
  expiry: NodeJS.Timeout | undefined
}

const FIRST_DELAY = 20
const LONGEST_DELAY = 500
const PATIENCE = 600_000

/**
 * The one connection to the host, shared by all calls. The host may be killed and come back while the
 * service runs: calls wait for it, and a call whose answer was lost is sent again only if that cannot
 * do a thing twice. Such calls wait without limit, because the SDK ends a health check for good when
 * its report fails, and a server may be away for hours.
 */
export class HostConnection {
  readonly #path: string
  readonly #options: HostOptions
  readonly #pending = new Map<number, PendingCall>()
  readonly #rpc: JSONRPCClient
  #socket: Socket | null = null
  #connected = false
  #wasConnected = false
  #closed = false
  #retry: NodeJS.Timeout | undefined
  #delay = FIRST_DELAY

  constructor(path: string, options: HostOptions) {
    this.#path = path
    this.#options = options
    this.#rpc = new JSONRPCClient((request: JSONRPCRequest) => this.#send(request))
  }

  /** Calls an effect of the host; the error of a refused call names the method. */
  async call(method: EffectName, params: Record<string, unknown>): Promise<unknown> {
    try {
      return await this.#rpc.request(method, params)
    } catch (error) {
      const refusal = new EffectError(error, method)
      console.error(`the server did not do what the package asked: ${refusal.message}`)
      throw refusal
    }
  }

  /** Ends the connection; calls that wait fail. */
  close(): void {
    this.#closed = true
    clearTimeout(this.#retry)
    this.#socket?.destroy()
    for (const id of [...this.#pending.keys()]) this.#fail(id, 'the connection to the server was closed')
  }

  #send(request: JSONRPCRequest): void {
    const again = EFFECT_TRAITS[request.method as EffectName].again === true
    const line = `${JSON.stringify(request)}\n`
    this.#pending.set(Number(request.id), {
      line,
      method: request.method,
      again,
      sent: false,
      expiry: undefined,
    })
    if (this.#connected) this.#flush()
    else this.#connect()
  }

  #flush(): void {
    for (const call of this.#pending.values()) {
      if (call.sent) continue
      clearTimeout(call.expiry)
      call.sent = true
      this.#socket?.write(call.line)
    }
  }

  #connect(): void {
    this.#limitWaiting()
    if (this.#closed || this.#socket || this.#retry) return
    const socket = connect(this.#path)
    const lines = new LineReader()
    this.#socket = socket
    socket.on('connect', () => {
      this.#connected = true
      this.#delay = FIRST_DELAY
      this.#flush()
      if (this.#wasConnected) this.#options.onReturn()
      this.#wasConnected = true
    })
    socket.on('data', (chunk: Buffer) => {
      try {
        for (const line of lines.push(chunk)) this.#receive(line)
      } catch (error) {
        socket.destroy(error instanceof Error ? error : new Error(String(error)))
      }
    })
    socket.on('error', (error) => {
      if (this.#connected) console.error('the connection to the server broke:', error.message)
    })
    socket.on('close', () => this.#lost())
  }

  #receive(line: string): void {
    const answer = JSON.parse(line)
    clearTimeout(this.#pending.get(answer.id)?.expiry)
    this.#pending.delete(answer.id)
    this.#rpc.receive(answer)
  }

  #lost(): void {
    this.#socket = null
    this.#connected = false
    for (const [id, call] of [...this.#pending]) {
      if (!call.sent) continue
      if (call.again) call.sent = false
      else this.#fail(id, 'the server stopped before it answered; whether the call took effect is not known')
    }
    if (this.#closed || (this.#pending.size === 0 && !this.#options.isAwaited())) return
    this.#retry = setTimeout(() => {
      this.#retry = undefined
      this.#connect()
    }, this.#delay)
    this.#delay = Math.min(this.#delay * 2, LONGEST_DELAY)
    this.#limitWaiting()
  }

  #limitWaiting(): void {
    const patience = this.#options.patience ?? PATIENCE
    for (const [id, call] of this.#pending) {
      if (call.again || call.sent || call.expiry) continue
      call.expiry = setTimeout(
        () => this.#fail(id, `the server could not be reached for ${patience / 1000} seconds`),
        patience,
      )
    }
  }

  #fail(id: number, details: string): void {
    clearTimeout(this.#pending.get(id)?.expiry)
    this.#pending.delete(id)
    this.#rpc.receive(createJSONRPCErrorResponse(id, -32603, 'No answer from the server', { details }))
  }
}

/** A call that the host refused or could not answer: `<message>[: <details>][\n<debug>]@<method>`. */
export class EffectError extends Error {
  readonly code: number

  constructor(cause: unknown, method: string) {
    const { code, message, data } =
      cause instanceof JSONRPCErrorException ? cause : new JSONRPCErrorException(String(cause), 0)
    const { details, debug } = typeof data === 'string' ? { details: data, debug: undefined } : (data ?? {})
    super(`${message}${details ? `: ${details}` : ''}${debug ? `\n${debug}` : ''}@${method}`)
    this.name = 'EffectError'
    this.code = code
  }
}
