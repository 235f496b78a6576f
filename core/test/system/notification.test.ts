import { NotificationWithId } from '@startd/base/rpc/notification.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { World } from '../api/world.ts'

let world: World
beforeEach(async () => {
  world = await World.running()
  for (const level of ['success', 'info', 'warning', 'error']) {
    await world.ok('notification.create', { level, title: level, message: 'text' })
  }
})
afterEach(() => world[Symbol.asyncDispose]())

const list = async (params = {}) =>
  (await world.ok('notification.list', params)) as { id: number; level: string; seen: boolean }[]
const ids = async (params = {}) => (await list(params)).map(({ id }) => id)
const unread = async () =>
  (await world.ok('db.dump', { pointer: '/public/serverInfo/unreadNotificationCount' })) as { value: number }

describe('notifications', () => {
  it('are told newest first, with their level, page by page', async () => {
    const all = await list()
    expect(all.map(({ level }) => level)).toEqual(['error', 'warning', 'info', 'success'])
    for (const one of all) expect(NotificationWithId.parse(one)).toEqual(one)
    expect(await ids({ limit: 2 })).toEqual([3, 2])
    expect(await ids({ limit: 2, before: 2 })).toEqual([1, 0])
    expect(await ids({ limit: 0 })).toEqual([])
    await world.ok('notification.remove', { ids: [2] })
    expect(await ids({ before: 3 })).toEqual([1, 0])
  })

  it('are counted as unread exactly while nobody has seen them', async () => {
    expect((await unread()).value).toBe(4)
    await world.ok('notification.mark-seen', { ids: [3] })
    expect((await unread()).value).toBe(3)
    await world.ok('notification.mark-unseen', { ids: [3] })
    expect((await unread()).value).toBe(4)
    await world.ok('notification.mark-seen-before', { before: 1 })
    expect((await list()).map(({ seen }) => seen)).toEqual([false, false, true, true])
    await world.ok('notification.remove', { ids: [3, 99] })
    expect((await unread()).value).toBe(1)
  })

  it('are not changed at all when one of those to mark does not exist', async () => {
    for (const method of ['notification.mark-seen', 'notification.mark-unseen']) {
      expect((await world.call(method, { ids: [0, 99] })).body.error?.code).toBe(6)
    }
    expect((await unread()).value).toBe(4)
  })

  it('are removed up to one that stays', async () => {
    await world.ok('notification.remove-before', { before: 2 })
    expect(await ids()).toEqual([3, 2])
    expect((await unread()).value).toBe(2)
  })

  it('are chosen by whole numbers from 0 on, nothing else', async () => {
    for (const id of [-1, 1.5, '1', null]) {
      expect((await world.call('notification.mark-seen', { ids: [id] })).body.error?.code).toBe(-32602)
      expect((await world.call('notification.remove-before', { before: id })).body.error?.code).toBe(-32602)
    }
  })
})
