import { describe, expect, it } from 'vitest'
import { firstDocument } from '../db/index.ts'
import { notify } from './notifications.ts'

const ACCOUNT = { name: 'Test', hostname: 'test', passwordHash: '', kiosk: null, language: null }

describe('a notification', () => {
  const note = { level: 'info' as const, title: 'Title', message: '', now: new Date(0) }

  it('counts as unread and gets the next number', () => {
    const model = firstDocument(ACCOUNT)
    notify(model, { ...note, packageId: null })
    notify(model, { ...note, packageId: 'a', markdown: '# More' })
    expect(model.private.notifications).toMatchObject({
      0: { packageId: null, code: 0, data: null, seen: false },
      1: { packageId: 'a', code: 2, data: '# More' },
    })
    expect(model.public.serverInfo.unreadNotificationCount).toBe(2)
  })

  it('takes the place of the oldest of its sender when that has too many, and of nobody else’s', () => {
    const model = firstDocument(ACCOUNT)
    notify(model, { ...note, packageId: null })
    for (let count = 0; count < 150; count++) notify(model, { ...note, packageId: 'loud', title: `${count}` })
    const left = Object.values(model.private.notifications)
    expect(left.filter(({ packageId }) => packageId === null)).toHaveLength(1)
    const loud = left.filter(({ packageId }) => packageId === 'loud').map(({ title }) => title)
    expect([loud.length, loud[0], loud.at(-1)]).toEqual([100, '50', '149'])
    expect(model.public.serverInfo.unreadNotificationCount).toBe(101)
  })
})
