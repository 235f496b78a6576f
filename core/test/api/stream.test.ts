import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { decodeCbor } from '@startd/patch-db/client/cbor'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { dbHandlers } from '../../src/api/db.ts'
import type { ServerDb } from '../../src/db/index.ts'
import type { Call } from '../../src/rpc/caller.ts'
import type { HttpServer } from '../../src/rpc/http-server.ts'
import { openStreamServer, type StreamServer } from './stream-server.ts'

let server: StreamServer
let db: ServerDb
let http: HttpServer
let port: number
beforeAll(async () => {
  server = await openStreamServer()
  ;({ db, http, port } = server)
})
afterAll(() => server[Symbol.asyncDispose]())

const call = (session: string | null): Call => ({
  kind: 'session',
  session,
  userAgent: null,
  address: '',
  setCookie: () => undefined,
})
type Wish = Parameters<ReturnType<typeof dbHandlers>['db.subscribe']>[0]
const subscribe = (wish: Partial<Wish> = {}, session: string | null = null) =>
  dbHandlers(db, http.continuations)['db.subscribe']({ pointer: '/public', ...wish }, call(session))

/** A plain TCP connection that keeps every byte of the server. */
class Wire {
  readonly #socket: Socket
  readonly #chunks: Buffer[] = []
  readonly closed: Promise<unknown>

  constructor(guid: string) {
    this.#socket = connect(port, '127.0.0.1')
    this.#socket.on('data', (data: Buffer) => this.#chunks.push(data)).on('error', () => undefined)
    this.closed = once(this.#socket, 'close')
    this.#socket.write(
      `GET /ws/rpc/${guid} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n' +
        'Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n',
    )
    onTestFinished(() => void this.#socket.destroy())
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#chunks)
  }

  /** Opcode and content of each whole frame so far. */
  get frames(): { opcode: number; payload: Buffer }[] {
    const { bytes } = this
    const start = bytes.indexOf('\r\n\r\n')
    const frames: { opcode: number; payload: Buffer }[] = []
    for (let at = start < 0 ? bytes.length : start + 4; at + 2 <= bytes.length;) {
      const short = (bytes[at + 1] ?? 0) & 0x7f
      const header = short < 126 ? 2 : short === 126 ? 4 : 10
      if (at + header > bytes.length) break
      const length =
        short < 126
          ? short
          : short === 126
            ? bytes.readUInt16BE(at + 2)
            : Number(bytes.readBigUInt64BE(at + 2))
      if (at + header + length > bytes.length) break
      frames.push({
        opcode: (bytes[at] ?? 0) & 0xf,
        payload: bytes.subarray(at + header, at + header + length),
      })
      at += header + length
    }
    return frames
  }

  async until(fits: (wire: this) => boolean): Promise<void> {
    while (!fits(this)) await once(this.#socket, 'data')
  }
}

interface Frame {
  id: number
  from?: number
  patch: unknown[]
}
const idOf = ({ opcode, payload }: { opcode: number; payload: Buffer }) =>
  ((opcode === 1 ? JSON.parse(payload.toString()) : decodeCbor(payload)) as Frame).id
const reached = (id: number) => (wire: Wire) => wire.frames.some((frame) => idOf(frame) >= id)

describe('a subscriber of /public', () => {
  const NEEDLE = 'TOP-SECRET-7f3a'

  /** Secrets in every shape that a change can have, between changes that everybody may see. */
  async function writeSecrets(): Promise<void> {
    const score = () => db.mutate((draft) => ++draft.public.ui.snakeHighScore)
    await db.mutate(({ private: own }) => {
      own.password = `${NEEDLE} replaced`
    })
    await score()
    await db.mutate((draft) => {
      draft.private.sessions[`${NEEDLE}-key`] = { loggedIn: NEEDLE, lastActive: '', userAgent: NEEDLE }
      draft.private.authPubkeys.push(`${NEEDLE} appended`)
      draft.private.authPubkeys.unshift(`${NEEDLE} shifted`)
      draft.public.serverInfo.name = 'changed together with secrets'
    })
    await db.put('/private/packageStores', { a: { [`${NEEDLE}/~`]: [[{ deep: NEEDLE }]] } })
    await db.mutate((draft) => {
      draft.private = { ...draft.private, developerKey: `${NEEDLE} whole` }
    })
    await db.apply([
      { op: 'replace', path: '', value: { ...structuredClone(db.peek()), [`${NEEDLE}-root`]: NEEDLE } },
    ])
    await score()
    await db.apply([{ op: 'remove', path: `/${NEEDLE}-root` }])
    await db.mutate((draft) => {
      delete draft.private.sessions[`${NEEDLE}-key`]
      draft.private.authPubkeys = []
    })
    db.publishFence(db.sequence)
  }

  it.each([undefined, 'json', 'cbor'] as const)(
    'is never sent a private byte, live or coming back: %s',
    async (encoding) => {
      const wish = encoding === undefined ? {} : { encoding }
      const begun = subscribe(wish)
      expect(JSON.stringify(begun)).not.toContain(NEEDLE)
      const live = new Wire(begun.guid)
      const since = { epoch: db.epoch, id: db.sequence }
      await writeSecrets()
      await live.until(reached(db.sequence))
      const wires = [live]
      if (encoding !== undefined) {
        const resumed = subscribe({ ...wish, since })
        expect(Object.keys(resumed).sort()).toEqual(['epoch', 'guid'])
        const back = new Wire(resumed.guid)
        await back.until(reached(db.sequence))
        wires.push(back)
      }
      for (const wire of wires) {
        expect(wire.frames.length).toBeGreaterThan(2)
        expect(wire.bytes.includes('TOP-SECRET')).toBe(false)
        expect(wire.bytes.toString('latin1')).not.toContain('sessions')
        expect(new Set(wire.frames.map(({ opcode }) => opcode))).toEqual(
          new Set([encoding === 'cbor' ? 2 : 1]),
        )
      }
      expect(live.bytes.toString('latin1').split('\r\n\r\n')[0]).not.toMatch(/extensions/i)
    },
  )

  it('who asks for nothing gets exactly the published protocol', async () => {
    const { guid, dump, ...more } = subscribe({ since: { epoch: db.epoch, id: db.sequence } })
    expect(more).toEqual({})
    expect(dump).toEqual({ id: db.sequence, value: db.peek().public })
    const wire = new Wire(guid)
    await db.mutate((draft) => ++draft.public.ui.snakeHighScore)
    await db.mutate((draft) => (draft.private.password = 'x'))
    db.publishFence(db.sequence)
    await wire.until(reached(db.sequence))
    const score = db.peek().public.ui.snakeHighScore
    expect(wire.frames.map(({ payload }) => payload.toString())).toEqual([
      `{"id":${db.sequence - 1},"patch":[{"op":"replace","path":"/ui/snakeHighScore","value":${score}}]}`,
      `{"id":${db.sequence},"patch":[]}`,
    ])
  })
})

describe('the fence', () => {
  it('is never lost, however private and public changes and calls meet', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws/rpc/${subscribe().guid}`)
    onTestFinished(() => socket.terminate())
    let heard = db.sequence
    let wake = Promise.withResolvers<void>()
    socket.on('message', (data: Buffer) => {
      heard = (JSON.parse(data.toString()) as Frame).id
      wake.resolve()
    })
    for (let round = 0; round < 500; round++) {
      const writes = [
        db.mutate((draft) => (draft.private.password = `p${round}`), { durable: false }),
        round % 3 === 0 ? db.mutate((draft) => ++draft.public.ui.snakeHighScore, { durable: false }) : null,
        db.mutate((draft) => (draft.private.sshPrivkey = `k${round}`), { durable: false }),
      ]
      await Promise.all(writes)
      const { sequence } = db
      db.publishFence(sequence)
      while (heard < sequence) {
        await wake.promise
        wake = Promise.withResolvers()
      }
    }
  })
})

describe('a stream', () => {
  it('opens once; every other id is not found', async () => {
    const { guid } = subscribe()
    const first = new Wire(guid)
    await first.until(({ bytes }) => bytes.includes('101 Switching'))
    for (const other of [guid, guid.toLowerCase(), 'A'.repeat(32), 'x']) {
      const wire = new Wire(other)
      await wire.until(({ bytes }) => bytes.includes('HTTP/1.1'))
      expect(wire.bytes.toString()).toMatch(/^HTTP\/1.1 404 /)
    }
    const page = await fetch(`http://127.0.0.1:${port}/ws/rpc/${subscribe().guid}`)
    expect(page.status).toBe(426)
  })

  it('of a login that is ended breaks off without a word', async () => {
    const [mine, other] = [new Wire(subscribe({}, 'mine').guid), new Wire(subscribe({}, 'other').guid)]
    await Promise.all([mine, other].map((wire) => wire.until(({ bytes }) => bytes.includes('101 Switching'))))
    http.continuations.kill(['mine'])
    await mine.closed
    expect(mine.frames.filter(({ opcode }) => opcode === 8)).toEqual([])
    await db.mutate((draft) => ++draft.public.ui.snakeHighScore)
    await other.until(reached(db.sequence))
  })

  it('that is not read breaks off without a word, and can be continued', async () => {
    const wire = new Wire(subscribe({ encoding: 'json' }).guid)
    await wire.until(({ bytes }) => bytes.includes('101 Switching'))
    wire.pause()
    // More than the queue, the connection and the kernel hold together.
    const rounds = 500
    for (let round = 0; round < rounds; round++) {
      const name = `${round}`.padEnd(60_000, 'x')
      await db.mutate((draft) => (draft.public.serverInfo.name = name), { durable: false })
    }
    wire.resume()
    await wire.closed
    expect(wire.frames.length).toBeLessThan(rounds)
    expect(wire.frames.every(({ opcode }) => opcode === 1)).toBe(true)
    const again = subscribe({ encoding: 'json', since: { epoch: db.epoch, id: db.sequence - 5 } })
    expect(again.dump).toBeUndefined()
    const back = new Wire(again.guid)
    await back.until(reached(db.sequence))
    expect(back.frames).toHaveLength(5)
  })

  it('that nobody opens, or whose login ends before, is forgotten', async () => {
    const { guid } = subscribe({}, 'gone')
    http.continuations.kill(['gone'])
    const wire = new Wire(guid)
    await wire.until(({ bytes }) => bytes.includes('HTTP/1.1'))
    expect(wire.bytes.toString()).toMatch(/^HTTP\/1.1 404 /)
  })
})
