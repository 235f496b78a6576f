import { statSync } from 'node:fs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { PatchDb, type Patch } from '../src/index.ts'
import { model, type Model } from './model.ts'
import { temporaryFile } from './temporary.ts'

async function openModel(path = temporaryFile()): Promise<PatchDb<Model>> {
  const db = await PatchDb.open<Model>(path, { initial: model() })
  onTestFinished(() => db.close())
  return db
}

describe('a store', () => {
  it('starts at sequence 0 and counts every revision, across restarts', async () => {
    const path = temporaryFile()
    const db = await openModel(path)
    expect(db.sequence).toBe(0)
    const { revision, result } = await db.mutate((draft) => ++draft.public.count)
    expect(result).toBe(1)
    expect(revision).toEqual({ id: 1, patch: [{ op: 'replace', path: '/public/count', value: 1 }] })
    await db.close()
    const again = await PatchDb.open<Model>(path, {
      initial: { ...model(), private: { secret: '', sessions: {} } },
    })
    onTestFinished(() => again.close())
    expect(again.sequence).toBe(1)
    expect(again.peek()).toEqual({ ...model(), public: { ...model().public, count: 1 } })
    expect((await again.mutate((draft) => ++draft.public.count)).revision?.id).toBe(2)
  })

  it('keeps its file private', async () => {
    const path = temporaryFile()
    await openModel(path)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(statSync(`${path}.lock`).mode & 0o777).toBe(0o600)
  })

  it('makes no revision of a write that changes nothing', async () => {
    const db = await openModel()
    using watcher = db.watch([])
    watcher.peekAndMarkSeen()
    using subscription = db.subscribe('')
    expect(
      (await db.mutate((draft) => void (draft.public = structuredClone(model().public)))).revision,
    ).toBeNull()
    expect(await db.put('/public', model().public)).toBeNull()
    expect(await db.apply([])).toBeNull()
    expect(await db.apply([{ op: 'replace', path: '/public', value: model().public }])).toBeNull()
    expect(db.sequence).toBe(0)
    expect(subscription.take()).toBeUndefined()
    await expect(watcher.changed(AbortSignal.timeout(0))).rejects.toThrow()
  })

  it('forgets a mutation that throws, and works on', async () => {
    const path = temporaryFile()
    const db = await openModel(path)
    const size = statSync(path).size
    const before = db.peek()
    const failing = db.mutate((draft) => {
      draft.public.count = 5
      draft.public.list.push({ id: 1 })
      throw new RangeError('no')
    })
    await expect(failing).rejects.toBeInstanceOf(RangeError)
    expect(db.peek()).toBe(before)
    expect(db.sequence).toBe(0)
    expect(statSync(path).size).toBe(size)
    expect((await db.mutate((draft) => ++draft.public.count)).revision?.id).toBe(1)
  })

  it('hands out snapshots that never change', async () => {
    const db = await openModel()
    const before = db.peek()
    await db.mutate((draft) => {
      draft.public.services['a'] = { status: 'running' }
      draft.public.list.push({ id: 1 })
    })
    expect(before).toEqual(model())
    expect(() => (db.peek().public.count = 1)).toThrow(TypeError)
    expect(() => db.peek().public.list.push({ id: 2 })).toThrow(TypeError)
  })

  it('puts concurrent mutations in order and into few writes', async () => {
    const db = await openModel()
    const all = await Promise.all(
      Array.from({ length: 200 }, () => db.mutate((draft) => ++draft.public.count)),
    )
    expect(all.map(({ result }) => result)).toEqual(Array.from({ length: 200 }, (_, i) => i + 1))
    expect(all.map(({ revision }) => revision?.id)).toEqual(Array.from({ length: 200 }, (_, i) => i + 1))
    expect(db.peek().public.count).toBe(200)
  })

  it('shows a change to readers only when it is on disk', async () => {
    const db = await openModel()
    const pending = db.mutate((draft) => ++draft.public.count)
    expect(db.peek().public.count).toBe(0)
    expect(db.sequence).toBe(0)
    const nothing = await db.mutate((draft) => void (draft.public.count = 1))
    expect(nothing.revision).toBeNull()
    expect(db.peek().public.count).toBe(1)
    await pending
  })

  it('keeps relaxed commits over a restart of the program', async () => {
    const path = temporaryFile()
    const db = await openModel(path)
    for (let i = 0; i < 5; i++) await db.mutate((draft) => ++draft.public.count, { durable: false })
    await db.mutate((draft) => void (draft.public.name = 'x'))
    await db.mutate((draft) => ++draft.public.count, { durable: false })
    await db.close()
    const again = await openModel(path)
    expect(again.peek().public).toMatchObject({ count: 6, name: 'x' })
  })

  it('reads by pointer, and tells missing from null only where it matters', async () => {
    const db = await openModel()
    expect(db.get('/public/services/a/status')).toBe('stopped')
    expect(db.get('/public/nothing/here')).toBeUndefined()
    expect(db.dump('/public/nothing')).toEqual({ id: 0, value: null })
    expect(db.dump('/public/name')).toEqual({ id: 0, value: 'box' })
    expect(db.exists('/public/name')).toBe(true)
    expect(db.exists('/public/toString')).toBe(false)
    expect(db.keys('/public/services')).toEqual(['a'])
    expect(db.keys('/public/name')).toEqual([])
    expect(() => db.get('public')).toThrow(expect.objectContaining({ code: 'InvalidPointer' }))
  })

  it('puts values with the smallest patch, and the whole document too', async () => {
    const db = await openModel()
    const put = await db.put('/public', { ...model().public, name: 'y' })
    expect(put?.patch).toEqual([{ op: 'replace', path: '/public/name', value: 'y' }])
    expect((await db.put('/public/services/b~1c', { status: 'x' }))?.patch[0]?.path).toBe(
      '/public/services/b~1c',
    )
    expect(await db.put('', null)).toMatchObject({ patch: [{ op: 'replace', path: '', value: null }] })
    expect(await db.put('', model())).toMatchObject({ id: 4 })
  })

  it.each<[string, string, unknown, string]>([
    ['a pointer without a slash', 'a', 1, 'InvalidPointer'],
    ['a bad escape', '/a~2', 1, 'InvalidPointer'],
    ['a missing parent', '/a/b', 1, 'PatchDoesNotFit'],
    ['a scalar parent', '/public/name/x', 1, 'PatchDoesNotFit'],
    ['a poisoned key', '/public/__proto__', 1, 'InvalidPointer'],
    ['undefined', '/public/x', undefined, 'InvalidValue'],
  ])('refuses to put at %s', async (_, pointer, value, code) => {
    const db = await openModel()
    await expect(db.put(pointer, value)).rejects.toMatchObject({ code })
    expect(db.sequence).toBe(0)
  })

  it('applies a patch whole or not at all', async () => {
    const db = await openModel()
    const patch: Patch = [
      { op: 'replace', path: '/public/name', value: 'z' },
      { op: 'remove', path: '/public/missing' },
    ]
    await expect(db.apply(patch)).rejects.toMatchObject({ code: 'PatchDoesNotFit' })
    expect(db.peek()).toEqual(model())
    expect(await db.apply(patch.slice(0, 1))).toMatchObject({ id: 1 })
    expect(db.peek().public.name).toBe('z')
  })

  it('takes a value of a megabyte', async () => {
    const path = temporaryFile()
    const db = await openModel(path)
    await db.put('/public/name', 'é'.repeat(500_000))
    await db.close()
    expect((await openModel(path)).peek().public.name).toHaveLength(500_000)
  })

  it('refuses work after close, and finishes what was begun before', async () => {
    const path = temporaryFile()
    const db = await openModel(path)
    const last = db.mutate((draft) => ++draft.public.count)
    await db.close()
    await last
    await expect(db.mutate(() => 1)).rejects.toMatchObject({ code: 'Closed' })
    expect((await openModel(path)).peek().public.count).toBe(1)
  })
})

describe('compaction', () => {
  it('loses nothing while writers go on, and tells subscribers nothing', async () => {
    const path = temporaryFile()
    const db = await openModel(path)
    const { subscription } = db.dumpAndSubscribe('')
    const writing = Array.from({ length: 300 }, (_, i) =>
      db
        .mutate((draft) => void draft.public.list.push({ id: i }))
        .then(() => (i % 50 === 0 ? db.compact() : undefined)),
    )
    await Promise.all(writing)
    for (let id = 1; id <= 300; id++) expect(subscription.take()?.id).toBe(id)
    const before = db.peek()
    await db.close()
    const again = await openModel(path)
    expect(again.sequence).toBe(300)
    expect(again.peek()).toEqual(before)
  })

  it('happens by itself, so that the file stays in proportion to the document', async () => {
    const path = temporaryFile()
    const db = await openModel(path)
    const noise = 'x'.repeat(10_000)
    for (let i = 0; i < 200; i++) await db.put('/public/name', `${noise}${i}`)
    await db.close()
    expect(statSync(path).size).toBeLessThan(1_000_000)
    expect((await openModel(path)).sequence).toBe(200)
  })
})
