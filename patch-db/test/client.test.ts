import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { firstValueFrom, Subject, take, toArray } from 'rxjs'
import { describe, expect, expectTypeOf, it, onTestFinished } from 'vitest'
import { WebSocketServer, type WebSocket as ServerSocket } from 'ws'
import { connect, PatchDbClient, type Dump, type Update } from '../client/index.ts'
import { PatchDb, type Subscription } from '../src/index.ts'
import { model, type Model } from './model.ts'
import { temporaryFile } from './temporary.ts'

type Public = Model['public']

function synced(): PatchDbClient<Public> {
  const client = new PatchDbClient<Public>()
  client.update({ id: 5, value: model().public })
  return client
}

describe('the client', () => {
  it('is typed however deep it watches', () => {
    type Deep = { a: { [id: string]: { c: { d: ({ e: { f: 'leaf' } } | { g: number })[] } | null } } }
    const client = new PatchDbClient<Deep>()
    expectTypeOf(firstValueFrom(client.watch$('a', 'b', 'c', 'd', 0, 'e'))).resolves.toEqualTypeOf<
      { f: 'leaf' } | undefined
    >()
    expectTypeOf(firstValueFrom(client.watch$('a', 'b', 'c'))).resolves.toEqualTypeOf<
      { d: ({ e: { f: 'leaf' } } | { g: number })[] } | null | undefined
    >()
    // @ts-expect-error There is no such member.
    client.watch$('a', 'b', 'x')
    // @ts-expect-error Elements of an array have numbers.
    client.watch$('a', 'b', 'c', 'd', 'first')
  })

  it('is typed by the path that it watches', () => {
    const client = synced()
    expectTypeOf(firstValueFrom(client.watch$('services', 'a', 'status'))).resolves.toEqualTypeOf<
      string | undefined
    >()
    expectTypeOf(firstValueFrom(client.watch$('count'))).resolves.toEqualTypeOf<number>()
    expectTypeOf(firstValueFrom(client.watch$('list', 0, 'id'))).resolves.toEqualTypeOf<number | undefined>()
    // @ts-expect-error: there is no such member
    client.watch$('nothing').subscribe().unsubscribe()
  })

  it('waits for the first document, then speaks only where something changed', () => {
    const client = new PatchDbClient<Public>()
    const seen: unknown[] = []
    const services: unknown[] = []
    client.watch$('services', 'a', 'status').subscribe((value) => seen.push(value))
    client.watch$('services').subscribe((value) => services.push(value))
    expect(seen).toEqual([])
    client.update({ id: 5, value: model().public })
    client.update({ id: 6, patch: [{ op: 'replace', path: '/count', value: 1 }] })
    client.update({ id: 7, patch: [{ op: 'replace', path: '/services/a/status', value: 'stopped' }] })
    client.update({ id: 9, patch: [{ op: 'replace', path: '/services/a/status', value: 'running' }] })
    client.update({ id: 10, patch: [{ op: 'remove', path: '/services/a' }] })
    expect(seen).toEqual(['stopped', 'running', undefined])
    expect(client.id).toBe(10)
    expect(services.at(-1)).toEqual({})
  })

  it('keeps the identity of what a patch or an equal dump did not change', () => {
    const client = synced()
    const seen: unknown[] = []
    client.watch$('services').subscribe((value) => seen.push(value))
    client.update({ id: 6, patch: [{ op: 'add', path: '/list/0', value: { id: 1 } }] })
    client.update({ id: 9, value: { ...model().public, count: 3 } })
    expect(seen).toHaveLength(1)
    expect(client.value?.count).toBe(3)
  })

  it('takes a batch as one change', () => {
    const client = synced()
    const seen: number[] = []
    client.watch$('count').subscribe((value) => seen.push(value))
    const patch = (value: number) => [{ op: 'replace', path: '/count', value }] as const
    client.update({ id: 6, patch: patch(1) }, { id: 7, patch: patch(2) })
    expect(seen).toEqual([0, 2])
  })

  it('ignores duplicates and late revisions, and accepts gaps', () => {
    const client = synced()
    const add = { id: 8, patch: [{ op: 'add', path: '/list/-', value: { id: 1 } }] } as const
    client.update(add)
    client.update(add)
    client.update({ ...add, id: 7 })
    expect(client.value?.list).toHaveLength(1)
    expect(client.id).toBe(8)
  })

  it('stays as it was and asks for a dump when a revision does not fit', () => {
    const client = synced()
    const asked: unknown[] = []
    client.resync$.subscribe((cause) => asked.push(cause))
    const good = { id: 6, patch: [{ op: 'replace', path: '/count', value: 1 }] } as const
    const bad = {
      id: 7,
      patch: [
        { op: 'replace', path: '/count', value: 9 },
        { op: 'add', path: '/name/x', value: 1 },
      ],
    } as const
    client.update(good, bad)
    client.update({ id: 8, patch: [{ op: 'replace', path: '/count', value: 2 }] })
    expect(asked).toMatchObject([{ code: 'PatchDoesNotFit' }])
    expect(client.value?.count).toBe(1)
    client.update({ id: 2, value: model().public })
    expect(client.id).toBe(2)
    client.update({ id: 3, patch: [{ op: 'replace', path: '/count', value: 3 }] })
    expect(client.value?.count).toBe(3)
  })

  it('cannot be poisoned by what it receives', () => {
    const client = synced()
    const asked: unknown[] = []
    client.resync$.subscribe((cause) => asked.push(cause))
    client.update({ id: 6, patch: [{ op: 'add', path: '/__proto__/polluted', value: 1 }] })
    client.update({ id: 7, value: model().public })
    client.update({ id: 8, patch: [{ op: 'add', path: '/constructor/prototype/polluted', value: 1 }] })
    expect(asked).toHaveLength(2)
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
  })

  it('resolves when a revision has arrived, even as an empty one', async () => {
    const client = synced()
    await client.waitForRevision(5)
    const waiting = client.waitForRevision(7)
    client.update({ id: 6, patch: [] })
    client.update({ id: 7, patch: [] })
    await waiting
    const abort = new AbortController()
    const never = client.waitForRevision(99, abort.signal)
    abort.abort(new Error('gave up'))
    await expect(never).rejects.toThrow('gave up')
  })

  it('shows a cached copy at once, but trusts only a dump', async () => {
    const client = new PatchDbClient<Public>({ cached: { ...model().public, name: 'cached' } })
    const names = firstValueFrom(client.watch$('name').pipe(take(2), toArray()))
    const waiting = client.waitForRevision(0)
    client.update({ id: 3, patch: [{ op: 'replace', path: '/name', value: 'early' }] })
    client.update({ id: 4, value: model().public })
    expect(await names).toEqual(['cached', 'box'])
    await waiting
  })

  it('follows a stream, and goes on after a logout', () => {
    const client = new PatchDbClient<Public>()
    const updates$ = new Subject<Update<Public>[]>()
    const following = client.follow(updates$)
    updates$.next([{ id: 1, value: model().public }])
    client.clear()
    expect(client.value).toBeUndefined()
    updates$.next([{ id: 2, patch: [] }])
    expect(client.value).toBeUndefined()
    updates$.next([{ id: 2, value: model().public }])
    expect(client.value?.name).toBe('box')
    following.unsubscribe()
    expect(updates$.observed).toBe(false)
  })

  it('stays under 6 kB, packed, without RxJS', () => {
    const room = join(import.meta.dirname, '..')
    const esbuild = join(room, '..', 'node_modules', '.bin', 'esbuild')
    const args = [
      'client/index.ts',
      '--bundle',
      '--minify',
      '--format=esm',
      '--external:rxjs',
      '--log-level=error',
    ]
    const bundle = execFileSync(esbuild, args, { cwd: room })
    expect(gzipSync(bundle, { level: 9 }).length).toBeLessThan(6000)
  })
})

describe('a connected client', () => {
  it('follows the store over a socket, and comes back by itself after any end of it', async () => {
    const db = await PatchDb.open<Model>(temporaryFile(), { initial: model() })
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    const subscriptions = new Map<string, Subscription>()
    const client = new PatchDbClient<Public>()
    let attempts = 0
    const connection = connect(
      client,
      {
        subscribe: async () => {
          if (attempts++ === 1) throw new Error('the server is busy')
          const { dump, subscription } = db.dumpAndSubscribe('/public')
          subscriptions.set(`/${attempts}`, subscription)
          return { dump: dump as Dump<Public>, guid: String(attempts) }
        },
        open: (guid) => new WebSocket(`ws://127.0.0.1:${port}/${guid}`),
      },
      { minDelay: 1, maxDelay: 5 },
    )
    onTestFinished(async () => {
      connection.close()
      server.clients.forEach((socket) => socket.terminate())
      server.close()
      await db.close()
    })
    const ends: ((socket: ServerSocket) => void)[] = [
      (socket) => socket.close(1000),
      (socket) => socket.terminate(),
      (socket) => socket.send('this is no revision'),
      (socket) => socket.send('{"id":99,"patch":[{"op":"remove","path":"/nothing"}]}'),
      () => undefined,
    ]
    for (const end of ends) {
      const [socket, request] = (await once(server, 'connection')) as [ServerSocket, IncomingMessage]
      const { revision } = await db.mutate((draft) => ++draft.public.count)
      const sent = await subscriptions.get(request.url ?? '')?.next()
      socket.send(sent?.encoded ?? '')
      await client.waitForRevision(revision?.id ?? 0, AbortSignal.timeout(5000))
      expect(client.value).toEqual(db.peek().public)
      end(socket)
    }
    expect(attempts).toBe(ends.length + 1)
  })

  it('stops when asked to, without another attempt', async () => {
    const client = new PatchDbClient<Public>()
    const causes: unknown[] = []
    let attempts = 0
    const transport = {
      subscribe: () => (attempts++, Promise.reject(new Error('not logged in'))),
      open: () => expect.unreachable(),
    }
    await new Promise<void>((resolve) => {
      connect(client, transport, {
        retry: (cause) => {
          causes.push(cause)
          queueMicrotask(resolve)
          return false
        },
      })
    })
    expect(attempts).toBe(1)
    expect(causes).toMatchObject([{ message: 'not logged in' }])
  })
})
