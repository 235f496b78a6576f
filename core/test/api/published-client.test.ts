import type { Database } from '@startd/base/model.ts'
import { type PatchOp, parsePointer } from '@startd/patch-db'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { dbHandlers } from '../../src/api/db.ts'
import type { ServerDb } from '../../src/db/index.ts'
import type { HttpServer } from '../../src/rpc/http-server.ts'
import { openStreamServer, type StreamServer } from './stream-server.ts'

type Json = unknown
type Node = Record<string, Json> | Json[]
interface Dump {
  id: number
  value: Json
}
type Update = Dump | { id: number; patch: PatchOp[] }

/**
 * A copy that behaves as patch-db.md §13 says of the client in the published interface: forgiving where that is,
 * and just as strict. It shares no code with ours.
 */
class PublishedClient {
  cache: Dump = { id: 0, value: {} }
  readonly #watched: { path: string[]; tell: (value: Json) => void }[] = []

  watch(path: string[], tell: (value: Json) => void): void {
    this.#watched.push({ path, tell })
    tell(read(this.cache.value, path))
  }

  process(updates: Update[]): void {
    for (const update of updates) {
      if (!('patch' in update)) {
        this.cache = { id: update.id, value: update.value }
        for (const { path, tell } of this.#watched) tell(read(update.value, path))
        continue
      }
      if (update.id < this.cache.id + 1) continue
      for (const op of update.patch) this.#apply(op)
      this.cache.id = update.id
    }
  }

  #apply(op: PatchOp): void {
    const path = parsePointer(op.path)
    this.cache.value = change(this.cache.value, path, op)
    for (const { path: watched, tell } of this.#watched) {
      const shorter = Math.min(path.length, watched.length)
      if (path.slice(0, shorter).every((segment, i) => segment === watched[i]))
        tell(read(this.cache.value, watched))
    }
  }
}

function read(value: Json, path: string[]): Json {
  return path.reduce<Json>((at, segment) => (at as Record<string, Json> | null | undefined)?.[segment], value)
}

function change(value: Json, path: string[], op: PatchOp): Json {
  const [key, ...rest] = path
  if (key === undefined) {
    if (op.op === 'remove') throw new Error('the root was removed')
    return op.value
  }
  if (typeof value !== 'object' || value === null) throw new Error(`${op.path} leads through a scalar`)
  const copy: Node = Array.isArray(value) ? [...(value as Json[])] : { ...(value as Record<string, Json>) }
  if (rest.length > 0) {
    const record = copy as Record<string, Json>
    record[key] = change(record[key], rest, op)
  } else if (!Array.isArray(copy)) {
    if (op.op === 'remove') delete copy[key]
    else copy[key] = op.value
  } else {
    const index = key === '-' ? copy.length : Number(key)
    if (!Number.isInteger(index) || index < 0) throw new Error(`${op.path} names no element`)
    if (op.op === 'add') copy.splice(index, 0, op.value)
    else if (op.op === 'remove') copy.splice(index, 1)
    else copy[index] = op.value
  }
  return copy
}

let server: StreamServer
let db: ServerDb
let http: HttpServer
let port: number
beforeAll(async () => {
  server = await openStreamServer()
  ;({ db, http, port } = server)
})
afterAll(() => server[Symbol.asyncDispose]())

describe('a client that keeps to the published rules', () => {
  it('has the same document as the server after every kind of change, and a fence for the rest', async () => {
    const subscribe = dbHandlers(db, http.continuations)['db.subscribe']
    const { dump, guid } = subscribe(
      { pointer: '/public' },
      { kind: 'session', session: null, userAgent: null, address: '', setCookie: () => undefined },
    )
    const client = new PublishedClient()
    client.process([JSON.parse(JSON.stringify(dump)) as Dump])
    const scores: Json[] = []
    client.watch(['ui', 'snakeHighScore'], (value) => scores.push(value))
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws/rpc/${guid}`)
    onTestFinished(() => socket.terminate())
    let wake = Promise.withResolvers<void>()
    socket.on('message', (data: Buffer, isBinary) => {
      expect(isBinary).toBe(false)
      const update = JSON.parse(data.toString()) as Update
      expect(Object.keys(update)).toEqual(['id', 'patch'])
      client.process([update])
      wake.resolve()
    })
    const changes: ((draft: Database) => void)[] = [
      ({ public: { ui } }) => void (ui.snakeHighScore = 7),
      ({ public: { ui } }) => void (ui.registries['https://a/b~c/'] = 'Ä'),
      ({ public: { ui } }) => void (ui.hiddenUpdates = { a: ['1:0', '2:0'], b: [] }),
      ({ public: { ui } }) => void ui.hiddenUpdates['a']?.unshift('0:1'),
      ({ public: { ui } }) => void ui.hiddenUpdates['a']?.splice(1, 1, '3:0', '4:0'),
      ({ public: { ui } }) => void (ui.hiddenUpdates['a'] = []),
      ({ public: { ui } }) => void delete ui.hiddenUpdates['a'],
      ({ private: own }) => void (own.password = 'x'),
      ({ public: { serverInfo } }) => void (serverInfo.smtp = smtp('a')),
      ({ public: { serverInfo } }) => void (serverInfo.smtp = { ...smtp('b'), password: null }),
      ({ public: { serverInfo } }) => void (serverInfo.smtp = null),
      (draft) => void (draft.public = structuredClone(firstPublic)),
      ({ private: own }) => void own.authPubkeys.push('x'),
    ]
    const firstPublic = structuredClone(db.peek().public)
    for (const write of changes) {
      await db.mutate(write)
      const { sequence } = db
      db.publishFence(sequence)
      while (client.cache.id < sequence) {
        await wake.promise
        wake = Promise.withResolvers()
      }
      expect(client.cache.value).toEqual(db.peek().public)
    }
    expect(scores).toEqual([0, 7, 0])
  })
})

function smtp(host: string) {
  return { host, port: 25, from: 'a@b', username: 'a', password: 'p', security: 'tls' as const }
}
