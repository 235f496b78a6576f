import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { connect as dial, type AddressInfo, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocketServer } from 'ws'
import { decodeCbor } from '../client/cbor.ts'
import { connect, PatchDbClient, type Dump, type PatchDbTransport, type Position } from '../client/index.ts'
import { PatchDb, streamFrames, type Encoding, type Subscription } from '../src/index.ts'
import { model, type Model } from './model.ts'
import { temporaryFile } from './temporary.ts'

type Public = Model['public']

/** A server of streams with nothing around it: what a `guid` stands for, and the sockets. */
class Streams {
  readonly db: PatchDb<Model>
  readonly #http = createServer()
  readonly #waiting = new Map<string, Subscription>()
  readonly #sockets = new WebSocketServer({ noServer: true })
  readonly connections: Duplex[] = []
  readonly ended: Promise<void>[] = []
  /** Answers with a dump or without, in order. */
  readonly answers: ('dump' | 'resumed')[] = []
  encoding: Encoding = 'json'

  private constructor(db: PatchDb<Model>) {
    this.db = db
    this.#http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head))
  }

  static async open(): Promise<Streams> {
    const db = await PatchDb.open<Model>(temporaryFile(), { initial: model() })
    const streams = new Streams(db)
    streams.#http.listen(0, '127.0.0.1')
    await once(streams.#http, 'listening')
    onTestFinished(async () => {
      streams.connections.forEach((connection) => connection.destroy())
      streams.#http.close()
      await db.close()
    })
    return streams
  }

  get port(): number {
    return (this.#http.address() as AddressInfo).port
  }

  subscribe(since: Position | null, limits = {}): { dump?: Dump<Public>; guid: string; epoch: string } {
    const guid = String(this.answers.length)
    const { epoch } = this.db
    const resumed = since === null ? null : this.db.resume('/public', since, limits)
    this.answers.push(resumed === null ? 'dump' : 'resumed')
    if (resumed !== null) {
      this.#waiting.set(guid, resumed)
      return { guid, epoch }
    }
    const { dump, subscription } = this.db.dumpAndSubscribe('/public', limits)
    this.#waiting.set(guid, subscription)
    return { guid, epoch, dump: dump as Dump<Public> }
  }

  transport(): PatchDbTransport<Public> {
    return {
      subscribe: (since) => Promise.resolve(this.subscribe(since)),
      open: (guid) => new WebSocket(`ws://127.0.0.1:${this.port}/${guid}`),
    }
  }

  add(): Promise<unknown> {
    return this.db.mutate((draft) => {
      draft.public.list.push({ id: ++draft.public.count })
      draft.private.secret += 'hunter2'
    })
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const subscription = this.#waiting.get(request.url?.slice(1) ?? '')
    if (subscription === undefined) return void socket.destroy()
    this.#sockets.handleUpgrade(request, socket, head, () => {
      this.connections.push(socket)
      const write = (frames: readonly Buffer[]) => {
        for (const frame of frames) socket.write(frame)
        if (socket.writableLength < 100_000) return undefined
        return new Promise<void>((resolve) => socket.once('drain', resolve))
      }
      const stop = new AbortController()
      socket.once('close', () => stop.abort())
      const ended = streamFrames(subscription, this.encoding, { write }, stop.signal)
      this.ended.push(ended.then(() => void socket.destroy()))
    })
  }
}

describe('a connected client', () => {
  it.each(['json', 'cbor'] as const)(
    'comes back without a dump after a lost connection: %s',
    async (encoding) => {
      const streams = await Streams.open()
      streams.encoding = encoding
      const client = new PatchDbClient<Public>()
      const connection = connect(client, streams.transport(), { minDelay: 1, decode: decodeCbor })
      onTestFinished(() => connection.close())
      const kept: unknown[] = []
      for (let round = 0; round < 5; round++) {
        await streams.add()
        await client.waitForRevision(streams.db.sequence, AbortSignal.timeout(5000))
        kept.push(client.value?.services)
        streams.connections.at(-1)?.destroy()
        await streams.add()
        await streams.db.mutate((draft) => (draft.private.secret = 'other'))
      }
      await streams.add()
      await client.waitForRevision(streams.db.sequence, AbortSignal.timeout(5000))
      expect(client.value).toEqual(streams.db.peek().public)
      expect(new Set(kept).size).toBe(1)
      expect(streams.answers).toEqual(['dump', 'resumed', 'resumed', 'resumed', 'resumed', 'resumed'])
    },
  )

  it('takes a new dump when a revision was lost on the way', async () => {
    const streams = await Streams.open()
    const client = new PatchDbClient<Public>()
    const causes: unknown[] = []
    const connection = connect(client, streams.transport(), {
      minDelay: 1,
      onState: (state, cause) => state === 'lost' && causes.push(cause),
    })
    onTestFinished(() => connection.close())
    await streams.add()
    await client.waitForRevision(1, AbortSignal.timeout(5000))
    const text = '{"from":5,"id":6,"patch":[{"op":"replace","path":"/count","value":99}]}'
    streams.connections[0]?.write(Buffer.concat([Buffer.from([0x81, text.length]), Buffer.from(text)]))
    await streams.add()
    await client.waitForRevision(2, AbortSignal.timeout(5000))
    expect(causes).toMatchObject([{ code: 'PatchDoesNotFit' }])
    expect(streams.answers).toEqual(['dump', 'dump'])
    expect(client.value).toEqual(streams.db.peek().public)
  })

  it('begins anew where the server goes on from what the client has forgotten', async () => {
    const streams = await Streams.open()
    const client = new PatchDbClient<Public>()
    const connection = connect(client, streams.transport(), { minDelay: 1 })
    onTestFinished(() => connection.close())
    await client.waitForRevision(0, AbortSignal.timeout(5000))
    expect(() => new PatchDbClient<Public>().begin({ epoch: 'x' })).toThrow('no dump')
    expect(() => client.begin({ epoch: 'another' })).toThrow('no dump')
    client.clear()
    expect(client.position).toBeNull()
    connection.close()
  })
})

describe('a reader that does not read', () => {
  it('is cut off without a word, costs bounded memory, and can come back', async () => {
    const streams = await Streams.open()
    const { guid } = streams.subscribe(null, { revisions: 50 })
    const reader = dial(streams.port, '127.0.0.1')
    onTestFinished(() => void reader.destroy())
    const received: Buffer[] = []
    reader.once('data', (answer: Buffer) => {
      received.push(answer)
      reader.pause()
    })
    reader.write(
      `GET /${guid} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
    )
    await once(reader, 'data')
    await expect.poll(() => streams.ended.length).toBe(1)
    const [connection] = streams.connections as [Socket]
    let cut = false
    void streams.ended[0]?.then(() => (cut = true))
    let most = 0
    for (let id = 0; !cut && id < 2000; id++) {
      await streams.db.mutate((draft) => {
        draft.public.name = String(id).repeat(20_000).slice(0, 20_000)
      })
      most = Math.max(most, connection.writableLength)
    }
    expect(cut).toBe(true)
    expect(most).toBeLessThan(64 * 21_000 + 100_000)
    reader.on('data', (data: Buffer) => received.push(data))
    reader.resume()
    const closed = once(reader, 'close')
    reader.on('error', () => undefined)
    await closed
    // The last frame is cut in the middle or whole; none of them is a Close frame (RFC 6455 §5.5.1).
    expect(closeFrames(Buffer.concat(received))).toBe(0)
    expect(streams.subscribe({ epoch: streams.db.epoch, id: streams.db.sequence - 3 }).dump).toBeUndefined()
  })
})

/** Counts the Close frames in what a server has sent. */
function closeFrames(bytes: Buffer): number {
  let count = 0
  for (let at = bytes.indexOf('\r\n\r\n') + 4; at + 4 <= bytes.length;) {
    const short = (bytes[at + 1] ?? 0) & 0x7f
    if (((bytes[at] ?? 0) & 0xf) === 8) count++
    at += short < 126 ? 2 + short : 4 + bytes.readUInt16BE(at + 2)
  }
  return count
}
