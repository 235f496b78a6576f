import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { clientOf, isLoopback } from './client-address.ts'
import type { HttpLimits } from './limits.ts'

interface Client {
  readonly name: string
  /** Connections without a request under way; the one that was idle for longest comes first. */
  readonly idle: Set<Socket>
  readonly busy: Set<Socket>
}

/**
 * Shares the connections of a server among its clients. Who opens too many loses its own that were idle for
 * longest, or gets no more; when the server is full, the client with the most of them makes room for the new one.
 * So nobody can keep others out.
 */
export class Connections {
  readonly #limits: HttpLimits['connections']
  readonly #clients = new Map<string, Client>()
  #count = 0

  constructor(limits: HttpLimits['connections']) {
    this.#limits = limits
  }

  get count(): number {
    return this.#count
  }

  /** Looks after all connections of a server. */
  watch(server: Server): void {
    server.on('connection', (socket) => this.#open(socket))
    server.on('request', ({ socket }, response) => {
      this.#begin(socket)
      response.once('close', () => this.#end(socket))
    })
    // It stays busy until it closes.
    server.on('upgrade', ({ socket }) => this.#begin(socket))
  }

  readonly #owners = new WeakMap<Socket, Client>()
  /** Requests under way; more than one where a client sends before it has its answer. */
  readonly #requests = new WeakMap<Socket, number>()

  #open(socket: Socket): void {
    const address = socket.remoteAddress
    // Gone already.
    if (address === undefined) return void socket.destroy()
    const client = this.#clientOf(address)
    const share = isLoopback(address) ? this.#limits.fromHere : this.#limits.perClient
    if (client.idle.size + client.busy.size >= share && !dropOldest(client.idle)) return void socket.destroy()
    if (this.#count >= this.#limits.altogether) this.#makeRoom()
    this.#clients.set(client.name, client)
    this.#owners.set(socket, client)
    client.idle.add(socket)
    this.#count++
    socket.once('close', () => {
      this.#count--
      client.idle.delete(socket)
      client.busy.delete(socket)
      if (client.idle.size + client.busy.size === 0) this.#clients.delete(client.name)
    })
  }

  #begin(socket: Socket): void {
    const client = this.#owners.get(socket)
    this.#requests.set(socket, (this.#requests.get(socket) ?? 0) + 1)
    if (client?.idle.delete(socket)) client.busy.add(socket)
  }

  #end(socket: Socket): void {
    const left = (this.#requests.get(socket) ?? 1) - 1
    this.#requests.set(socket, left)
    const client = this.#owners.get(socket)
    if (left === 0 && client?.busy.delete(socket)) client.idle.add(socket)
  }

  #makeRoom(): void {
    let largest: Client | null = null
    for (const client of this.#clients.values()) {
      if (largest === null || sizeOf(client) > sizeOf(largest)) largest = client
    }
    if (largest !== null && !dropOldest(largest.idle)) dropOldest(largest.busy)
  }

  #clientOf(address: string): Client {
    const name = clientOf(address)
    return this.#clients.get(name) ?? { name, idle: new Set(), busy: new Set() }
  }
}

function sizeOf({ idle, busy }: Client): number {
  return idle.size + busy.size
}

/** Ends the first of some connections; false when there is none. */
function dropOldest(sockets: Set<Socket>): boolean {
  const [oldest] = sockets
  if (oldest === undefined) return false
  sockets.delete(oldest)
  oldest.destroy()
  return true
}
