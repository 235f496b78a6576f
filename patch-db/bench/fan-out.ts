import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { WebSocketServer } from 'ws'
import { PatchDb, ScopedRevision, streamFrames } from '../src/index.ts'
import { encodingFigures } from './encodings.ts'
import { makeDocument, type Model } from './document.ts'
import type { Figure } from './index.ts'

const CLIENTS = 1000
const REVISIONS = 30
const ROUNDS = 5

/** What it costs to bring one revision to a thousand WebSocket clients, beside the sockets alone; and the encodings. */
export async function fanOutFigures(): Promise<Figure[]> {
  const directory = await mkdtemp(join(tmpdir(), 'patch-db-bench-'))
  await using clients = await Clients.open(CLIENTS)
  await using db = await PatchDb.open<Model>(join(directory, 'fan-out.db'), {
    initial: makeDocument(20, 1500),
  })
  try {
    const prepared = new ScopedRevision(1, 0, [{ op: 'replace', path: '/serverInfo/ram', value: 1 }])
    const [bare, shared, single]: [number[], number[], number[]] = [[], [], []]
    for (let round = 0; round < ROUNDS; round++) {
      const frame = prepared.frame('json')
      bare.push(await clients.timed(() => clients.connections.forEach((socket) => socket.write(frame))))
      shared.push(await throughStore(db, clients))
      single.push(
        await clients.timed(() =>
          clients.servers.clients.forEach((socket) =>
            socket.send(JSON.stringify({ from: prepared.from, id: prepared.id, patch: prepared.patch })),
          ),
        ),
      )
    }
    const baseline = 'writing one prepared buffer to the same sockets'
    return [
      {
        figure: 'one revision to 1,000 WebSocket clients',
        value: Math.min(...shared) / Math.min(...bare),
        goal: 1.3,
        baseline,
        better: 'lower',
      },
      {
        figure: 'the same, encoded for each client and sent by the library',
        value: Math.min(...single) / Math.min(...bare),
        goal: null,
        baseline,
        better: 'lower',
      },
      ...(await encodingFigures()),
    ]
  } finally {
    await rm(directory, { recursive: true })
  }
}

/** Mutation, disk, scope, encoding and all writes. */
async function throughStore(db: PatchDb<Model>, clients: Clients): Promise<number> {
  const stop = new AbortController()
  const streams = clients.connections.map((connection) => {
    const write = (frames: readonly Buffer[]) => void frames.forEach((frame) => connection.write(frame))
    return streamFrames(db.subscribe('/public'), 'json', { write: (frames) => write(frames) }, stop.signal)
  })
  let ram = 0
  const time = await clients.timed(() =>
    db.mutate(
      (draft) => {
        draft.public.serverInfo.ram = ++ram
      },
      { durable: false },
    ),
  )
  stop.abort()
  await Promise.all(streams)
  return time
}

/** A thousand connected WebSockets; the other ends are read by a thread of their own, so that only ours is measured. */
class Clients implements AsyncDisposable {
  readonly servers = new WebSocketServer({ noServer: true, perMessageDeflate: false })
  readonly connections: Duplex[] = []
  readonly #http = createServer()
  #reader: Worker | undefined

  static async open(count: number): Promise<Clients> {
    const clients = new Clients()
    const connected = Promise.withResolvers<void>()
    clients.#http.on('upgrade', (request, socket, head) =>
      clients.servers.handleUpgrade(request, socket, head, () => {
        clients.connections.push(socket)
        if (clients.connections.length === count) connected.resolve()
      }),
    )
    clients.#http.listen(0, '127.0.0.1')
    await once(clients.#http, 'listening')
    const { port } = clients.#http.address() as AddressInfo
    clients.#reader = new Worker(fileURLToPath(new URL('fan-out-readers.ts', import.meta.url)), {
      workerData: { port, count },
    })
    await connected.promise
    return clients
  }

  /** CPU microseconds of this thread for one broadcast, until the last byte was handed to the kernel. */
  async timed(broadcast: () => unknown): Promise<number> {
    const start = process.threadCpuUsage()
    for (let i = 0; i < REVISIONS; i++) {
      const before = this.connections.at(-1) as Socket
      const { bytesWritten } = before
      await broadcast()
      while (before.bytesWritten === bytesWritten) await new Promise(setImmediate)
    }
    const { user, system } = process.threadCpuUsage(start)
    return (user + system) / REVISIONS
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.servers.clients.forEach((socket) => socket.terminate())
    await this.#reader?.terminate()
    this.#http.close()
  }
}
