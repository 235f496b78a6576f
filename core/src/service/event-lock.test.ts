import { describe, expect, it } from 'vitest'
import { EventLock } from './event-lock.ts'

describe('the lock of a service’s actions', () => {
  it('lets events through one after another, and the same event at once', async () => {
    const lock = new EventLock()
    const order: string[] = []
    const gate = Promise.withResolvers<void>()
    const first = lock.run('a', async () => {
      order.push('a begins')
      await lock.run('a', () => Promise.resolve(order.push('a calls itself')))
      await gate.promise
      order.push('a ends')
    })
    const second = lock.run('b', () => Promise.resolve(order.push('b')))
    const third = lock.run('c', () => Promise.resolve(order.push('c')))
    gate.resolve()
    await Promise.all([first, second, third])
    expect(order).toEqual(['a begins', 'a calls itself', 'a ends', 'b', 'c'])
  })

  it('goes on after a failure', async () => {
    const lock = new EventLock()
    await expect(lock.run('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(await lock.run('b', () => Promise.resolve('b'))).toBe('b')
  })
})
