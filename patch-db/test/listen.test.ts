import { describe, expect, it, onTestFinished } from 'vitest'
import { PatchDb } from '../src/index.ts'
import { model, type Model } from './model.ts'
import { temporaryFile } from './temporary.ts'

async function openModel(): Promise<PatchDb<Model>> {
  const db = await PatchDb.open<Model>(temporaryFile(), { initial: model() })
  onTestFinished(() => db.close())
  return db
}

describe('a listener', () => {
  it('hears each new value before the mutation that made it settles, and nothing else', async () => {
    const db = await openModel()
    using watcher = db.watch(['public', 'count'] as const)
    const heard: unknown[] = []
    watcher.listen((count) => heard.push(count, db.get('/public/count')))
    await db.mutate((draft) => ++draft.public.count)
    expect(heard).toEqual([1, 1])
    await db.mutate((draft) => void (draft.public.name = 'other'))
    await db.put('/public', { ...model().public, count: 1, name: 'whole' })
    expect(heard).toEqual([1, 1])
    await db.put('/public', null)
    expect(heard).toEqual([1, 1, undefined, undefined])
  })

  it('shares its watcher with others, and ends with it', async () => {
    const db = await openModel()
    const watcher = db.watch('/public/count')
    const [first, second]: unknown[][] = [[], []]
    watcher.listen((count) => first?.push(count))
    watcher.listen((count) => second?.push(count))
    using other = db.watch('/public/count')
    other.peekAndMarkSeen()
    await db.mutate((draft) => ++draft.public.count)
    expect([first, second]).toEqual([[1], [1]])
    expect(await other.changed()).toBe(1)
    watcher.close()
    await db.mutate((draft) => ++draft.public.count)
    expect([first, second]).toEqual([[1], [1]])
    expect(await other.changed()).toBe(2)
    expect(() => watcher.listen(() => undefined)).toThrow(expect.objectContaining({ code: 'Closed' }))
  })

  it('may begin a change of its own', async () => {
    const db = await openModel()
    using watcher = db.watch(['public', 'count'] as const)
    const followed = Promise.withResolvers<unknown>()
    watcher.listen((count) => {
      if (count === 1) db.mutate((draft) => ++draft.public.count).then(followed.resolve, followed.reject)
    })
    await db.mutate((draft) => ++draft.public.count)
    expect(await followed.promise).toMatchObject({ result: 2, revision: { id: 2 } })
  })

  it('that throws fails the program, but neither the commit nor other listeners', async () => {
    const db = await openModel()
    const uncaught = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException')
    onTestFinished(() => {
      for (const listener of uncaught) process.on('uncaughtException', listener)
    })
    const thrown = new Promise((resolve) => process.once('uncaughtException', resolve))
    using watcher = db.watch('/public/count')
    const heard: unknown[] = []
    watcher.listen(() => {
      throw new RangeError('mine')
    })
    watcher.listen((count) => heard.push(count))
    expect((await db.mutate((draft) => ++draft.public.count)).revision?.id).toBe(1)
    expect(heard).toEqual([1])
    expect(await thrown).toBeInstanceOf(RangeError)
  })
})
