import { EventEmitter, once } from 'node:events'
import { rm } from 'node:fs/promises'
import { type Server, type Socket, createServer } from 'node:net'
import { createInterface } from 'node:readline'

export interface RecordedCall {
  readonly id: unknown
  readonly method: string
  readonly params: Record<string, unknown>
  readonly connection: number
}

export type Answer = (params: Record<string, unknown>) => unknown

/** Throw it from an answer to refuse a call with this error object. */
export class Refusal {
  readonly error: unknown

  constructor(error: unknown) {
    this.error = error
  }
}

/** Leaves a call without an answer. */
export const SILENCE = Symbol('silence')

/** The host's side of host.sock: records every call, answers what the test tells it and null to the rest. */
export class RecordingHost {
  readonly calls: RecordedCall[] = []
  readonly answers: Record<string, Answer> = {}
  readonly #path: string
  readonly #sockets = new Set<Socket>()
  readonly #events = new EventEmitter()
  #server: Server | null = null
  #connections = 0

  constructor(path: string) {
    this.#path = path
  }

  async listen(): Promise<void> {
    await rm(this.#path, { force: true })
    const server = createServer((socket) => this.#serve(socket))
    server.listen(this.#path)
    this.#server = server
    await once(server, 'listening')
  }

  /** As a killed host looks from the other side: connections break, the socket file stays. */
  async vanish(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    const server = this.#server
    this.#server = null
    if (server) await new Promise((resolve) => server.close(resolve))
  }

  methods(): string[] {
    return this.calls.map(({ method }) => method)
  }

  of(method: string): Record<string, unknown>[] {
    return this.calls.filter((call) => call.method === method).map(({ params }) => params)
  }

  /** Fulfils with the first recorded call that fits, now or later. */
  async seen(
    method: string,
    fits: (params: Record<string, unknown>) => boolean = () => true,
  ): Promise<RecordedCall> {
    for (;;) {
      const found = this.calls.find((call) => call.method === method && fits(call.params))
      if (found) return found
      await once(this.#events, 'call')
    }
  }

  #serve(socket: Socket): void {
    const connection = this.#connections++
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    const lines = createInterface({ input: socket })
    lines.on('error', () => socket.destroy())
    lines.on('line', (line) => {
      const { id, method, params } = JSON.parse(line)
      this.calls.push({ id, method, params, connection })
      this.#events.emit('call')
      this.#answer(socket, id, method, params).catch((error: unknown) => socket.destroy(error as Error))
    })
  }

  async #answer(socket: Socket, id: unknown, method: string, params: Record<string, unknown>): Promise<void> {
    try {
      const result = (await this.answers[method]?.(params)) ?? null
      if (result !== SILENCE) socket.write(`${JSON.stringify({ jsonrpc: '2.0', id, result })}\n`)
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal
      socket.write(`${JSON.stringify({ jsonrpc: '2.0', id, error: refusal.error })}\n`)
    }
  }
}
