import { describe, expect, it, onTestFinished } from 'vitest'
import { PatchDb, scopePatch, type Patch, type Subscription } from '../src/index.ts'
import { model, type Model } from './model.ts'
import { temporaryFile } from './temporary.ts'

async function openModel(): Promise<PatchDb<Model>> {
  const db = await PatchDb.open<Model>(temporaryFile(), { initial: model() })
  onTestFinished(() => db.close())
  return db
}

function drain(subscription: Subscription): unknown[] {
  const frames: unknown[] = []
  for (let next = subscription.take(); next !== undefined; next = subscription.take())
    frames.push(JSON.parse(next.encoded))
  return frames
}

describe('scoping a patch to a pointer', () => {
  const value = { b: { c: 1 } }
  it.each<[string, Patch, Patch]>([
    ['add below', [{ op: 'add', path: '/a/b/x', value: 1 }], [{ op: 'add', path: '/x', value: 1 }]],
    [
      'replace below',
      [{ op: 'replace', path: '/a/b/x', value: 1 }],
      [{ op: 'replace', path: '/x', value: 1 }],
    ],
    ['remove below', [{ op: 'remove', path: '/a/b/x' }], [{ op: 'remove', path: '/x' }]],
    ['add at', [{ op: 'add', path: '/a/b', value: 1 }], [{ op: 'add', path: '', value: 1 }]],
    ['replace at', [{ op: 'replace', path: '/a/b', value: 1 }], [{ op: 'replace', path: '', value: 1 }]],
    ['remove at', [{ op: 'remove', path: '/a/b' }], [{ op: 'replace', path: '', value: null }]],
    ['add above', [{ op: 'add', path: '/a', value }], [{ op: 'add', path: '', value: { c: 1 } }]],
    [
      'replace above',
      [{ op: 'replace', path: '', value: { a: value } }],
      [{ op: 'replace', path: '', value: { c: 1 } }],
    ],
    [
      'replace above without it',
      [{ op: 'replace', path: '/a', value: 3 }],
      [{ op: 'replace', path: '', value: null }],
    ],
    ['remove above', [{ op: 'remove', path: '/a' }], [{ op: 'replace', path: '', value: null }]],
    [
      'elsewhere',
      [
        { op: 'add', path: '/a/bc', value: 1 },
        { op: 'remove', path: '/x' },
        { op: 'add', path: '/b', value: 1 },
      ],
      [],
    ],
  ])('%s', (_, patch, scoped) => {
    expect(scopePatch(patch, '/a/b')).toEqual(scoped)
  })
})

describe('a subscription', () => {
  it('continues its dump without gap or overlap, while writers go on', async () => {
    const db = await openModel()
    const writing = Array.from({ length: 50 }, () => db.mutate((draft) => ++draft.public.count))
    await writing[0]
    const { dump, subscription } = db.dumpAndSubscribe('/public')
    await Promise.all(writing)
    const frames = drain(subscription) as { id: number }[]
    expect(frames.map(({ id }) => id)).toEqual(
      Array.from({ length: 50 - dump.id }, (_, i) => dump.id + 1 + i),
    )
  })

  it('speaks JSON text with relative paths, made once for all of a pointer', async () => {
    const db = await openModel()
    using one = db.subscribe('/public')
    using two = db.subscribe('/public')
    await db.mutate((draft) => void (draft.public.services['b'] = { status: 'x' }))
    const first = await one.next()
    expect(first?.encoded).toBe('{"id":1,"patch":[{"op":"add","path":"/services/b","value":{"status":"x"}}]}')
    expect(await two.next()).toBe(first)
  })

  it('follows a part that goes and comes back', async () => {
    const db = await openModel()
    using subscription = db.subscribe('/public/services/a/status')
    await db.mutate((draft) => void delete draft.public.services['a'])
    await db.mutate((draft) => void (draft.public.services['b'] = { status: 'x' }))
    await db.mutate((draft) => void (draft.public.services['a'] = { status: 'new' }))
    expect(drain(subscription)).toEqual([
      { id: 1, patch: [{ op: 'replace', path: '', value: null }] },
      { id: 3, patch: [{ op: 'add', path: '', value: 'new' }] },
    ])
  })

  it('never carries a private byte to subscribers of the public part', async () => {
    const db = await openModel()
    const { dump, subscription } = db.dumpAndSubscribe('/public')
    await db.mutate((draft) => void (draft.private.secret = 'PRIVATE-1'))
    await db.mutate((draft) => {
      draft.private.sessions['PRIVATE-2'] = { lastActive: 1 }
      draft.public.count = 7
    })
    await db.put('', { ...model(), private: { secret: 'PRIVATE-3', sessions: {} } })
    await db.apply([{ op: 'replace', path: '', value: { public: { name: 'n' }, private: 'PRIVATE-4' } }])
    await db.apply([{ op: 'replace', path: '', value: { private: 'PRIVATE-5' } }])
    db.publishFence(db.sequence)
    const wire = JSON.stringify(dump) + JSON.stringify(drain(subscription))
    expect(wire).not.toContain('PRIVATE')
    expect(wire).not.toContain('hunter2')
    expect(wire).not.toContain('private')
    expect(wire).toContain('"/count","value":7')
    expect(wire).toContain('{"id":5,"patch":[{"op":"replace","path":"","value":null}]}')
  })

  it('delivers a fence after a private revision, exactly once and in order', async () => {
    const db = await openModel()
    using subscription = db.subscribe('/public')
    await db.mutate((draft) => ++draft.public.count)
    await db.mutate((draft) => void (draft.private.secret = 'x'))
    db.publishFence(2)
    db.publishFence(1)
    expect(drain(subscription)).toMatchObject([{ id: 1 }, { id: 2, patch: [] }])
    db.publishFence(2)
    expect(drain(subscription)).toEqual([])
    await db.mutate((draft) => ++draft.public.count)
    db.publishFence(3)
    expect(drain(subscription)).toMatchObject([{ id: 3, patch: [{ op: 'replace' }] }])
  })

  it('needs no fence where nothing happened since the dump', async () => {
    const db = await openModel()
    await db.mutate((draft) => void (draft.private.secret = 'x'))
    const { subscription } = db.dumpAndSubscribe('/public')
    db.publishFence(db.sequence)
    expect(subscription.take()).toBeUndefined()
  })

  it('never loses a fence to a race with public writes', async () => {
    const db = await openModel()
    using subscription = db.subscribe('/public')
    let heard = 0
    const listening = (async () => {
      for await (const { id } of subscription) {
        expect(id).toBeGreaterThan(heard)
        heard = id
        if (id === 2000) break
      }
    })()
    for (let i = 0; i < 1000; i++) {
      await Promise.all([
        db.mutate((draft) => ++draft.public.count, { durable: false }),
        db.mutate((draft) => void (draft.private.secret = String(i)), { durable: false }),
      ])
      db.publishFence(db.sequence)
    }
    await listening
    expect(heard).toBe(2000)
  })

  it('cuts off a consumer that does not keep up, and says so', async () => {
    const db = await openModel()
    const slow = db.subscribe('/public', { revisions: 10 })
    const wide = db.subscribe('/public', { characters: 200 })
    for (let i = 0; i < 20; i++) await db.mutate((draft) => ++draft.public.count, { durable: false })
    for (const subscription of [slow, wide]) {
      expect(subscription.lagged).toBe(true)
      expect(subscription.pending).toBe(0)
      expect(await subscription.next()).toBeNull()
    }
  })

  it('ends when the database closes or the consumer gives up', async () => {
    const db = await openModel()
    const waiting = db.subscribe('').next()
    await expect(db.subscribe('').next(AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough')
    await db.close()
    expect(await waiting).toBeNull()
  })
})

describe('a watcher', () => {
  it('tells the first value at once, unless it was marked seen', async () => {
    const db = await openModel()
    using fresh = db.watch(['public', 'name'])
    expect(await fresh.changed()).toBe('box')
    using marked = db.watch(['public', 'name'])
    expect(marked.peekAndMarkSeen()).toBe('box')
    const next = marked.changed()
    await db.mutate((draft) => void (draft.public.name = 'new'))
    expect(await next).toBe('new')
  })

  it('wakes once for a burst, with the last state', async () => {
    const db = await openModel()
    using watcher = db.watch('/public/count')
    watcher.peekAndMarkSeen()
    const seen: unknown[] = []
    const writing = Promise.all(Array.from({ length: 100 }, () => db.mutate((draft) => ++draft.public.count)))
    seen.push(await watcher.changed())
    await writing
    expect(watcher.peek()).toBe(100)
    if (seen[0] !== 100) seen.push(await watcher.changed())
    expect(seen.at(-1)).toBe(100)
    expect(seen.length).toBeLessThanOrEqual(2)
    await expect(watcher.changed(AbortSignal.timeout(1))).rejects.toThrow()
  })

  it('sleeps through changes elsewhere, and wakes for those above and below', async () => {
    const db = await openModel()
    using watcher = db.watch(['public', 'services', 'a'])
    const before = watcher.peekAndMarkSeen()
    await db.mutate((draft) => void (draft.public.services['b'] = { status: 'x' }))
    expect(watcher.peek()).toBe(before)
    await db.mutate((draft) => void (draft.public.services['a'] = { status: 'running' }))
    expect(await watcher.changed()).toEqual({ status: 'running' })
    await db.put('/public/services', {})
    expect(await watcher.changed()).toBeUndefined()
  })

  it('sees elements of an array shift', async () => {
    const db = await openModel()
    await db.put('/public/list', [{ id: 1 }])
    using watcher = db.watch(['public', 'list', 0, 'id'])
    expect(watcher.peekAndMarkSeen()).toBe(1)
    await db.mutate((draft) => void draft.public.list.unshift({ id: 0 }))
    expect(await watcher.changed()).toBe(0)
  })

  it('can be iterated, and ends with the database', async () => {
    const db = await openModel()
    const seen: number[] = []
    const done = (async () => {
      for await (const count of db.watch(['public', 'count'])) seen.push(count)
    })()
    for (let i = 0; i < 3; i++) {
      await db.mutate((draft) => ++draft.public.count)
    }
    await db.close()
    await done
    expect(seen[0]).toBe(0)
    expect(seen.at(-1)).toBe(3)
    const closed = await db.mutate(() => 1).catch((error: unknown) => error)
    expect(closed).toMatchObject({ code: 'Closed' })
  })

  it('types the value by its path', async () => {
    const db = await openModel()
    const status: string | undefined = db.watch(['public', 'services', 'a', 'status']).peek()
    const count: number = db.watch(['public', 'count']).peek()
    // @ts-expect-error: there is no such member
    db.watch(['public', 'nothing']).close()
    expect([status, count]).toEqual(['stopped', 0])
  })
})
