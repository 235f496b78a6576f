import { describe, expect, it, vi } from 'vitest'
import { AbortedError } from '../src/abort.ts'
import { getStatus } from '../src/readers.ts'
import { Watchable } from '../src/watchable.ts'
import { HostInMemory } from './kit/effects.ts'
import { soon } from './kit/soon.ts'

/** The host's container address, which a test can change. */
function changing(first: string) {
  const host = new HostInMemory()
  let value = first
  host.answer('getContainerIp', () => value)
  const effects = host.effects('here')
  const watchable = new Watchable<string | null>(effects, (callback) => effects.getContainerIp({ callback }))
  const set = (next: string) => {
    value = next
    host.changed('getContainerIp')
  }
  return { host, effects, watchable, set }
}

describe('a watched value', () => {
  it('is read once without leaving a callback', async () => {
    const { host, watchable } = changing('a')
    expect(await watchable.once()).toBe('a')
    expect(host.callbacks).toEqual([])
  })

  it('const without a retry leaves no callback either', async () => {
    const { host, watchable } = changing('a')
    expect(await watchable.const()).toBe('a')
    expect(host.callbacks).toEqual([])
  })

  it('const asks for a retry once, at the first value that differs', async () => {
    const { host, effects, watchable, set } = changing('a')
    const retry = vi.fn()
    effects.constRetry = retry
    await watchable.const()
    await soon(() => expect(host.callbacks).toHaveLength(1))
    set('a')
    await soon(() => expect(host.callbacks).toHaveLength(1))
    expect(retry).not.toHaveBeenCalled()
    set('b')
    await soon(() => expect(retry).toHaveBeenCalledOnce())
    set('c')
    expect(host.callbacks).toEqual([])
    expect(retry).toHaveBeenCalledOnce()
  })

  it('asks for nothing after its context was left', async () => {
    const { host, effects, watchable, set } = changing('a')
    const retry = vi.fn()
    effects.constRetry = retry
    await watchable.const()
    host.root.leave()
    set('b')
    await expect(watchable.watch().next()).rejects.toBeInstanceOf(AbortedError)
    expect(retry).not.toHaveBeenCalled()
  })

  it('yields every changed value until the context is left', async () => {
    const { host, watchable, set } = changing('a')
    const values = watchable.watch()
    expect((await values.next()).value).toBe('a')
    const second = values.next()
    await soon(() => expect(host.callbacks).toHaveLength(1))
    set('b')
    expect((await second).value).toBe('b')
    const third = values.next()
    host.root.leave()
    await expect(third).rejects.toBeInstanceOf(AbortedError)
  })

  it('waits for the value that is wanted', async () => {
    const { host, watchable, set } = changing('a')
    const wanted = watchable.waitFor((value) => value === 'c')
    for (const next of ['b', 'c']) {
      await soon(() => expect(host.callbacks).toHaveLength(1))
      set(next)
    }
    expect(await wanted).toBe('c')
  })

  it('tells a listener until it has heard enough, and reports a source that fails', async () => {
    const { host, watchable, set } = changing('a')
    const heard: (string | null | undefined)[] = []
    watchable.onChange((value) => {
      heard.push(value)
      return { cancel: value === 'b' }
    })
    await soon(() => expect(host.callbacks).toHaveLength(1))
    set('b')
    await soon(() => expect(heard).toEqual(['a', 'b']))
    host.answer('getStatus', () => Promise.reject(new Error('gone')))
    const failed = Promise.withResolvers<string | undefined>()
    getStatus(host.effects('s')).onChange((_, error) => {
      failed.resolve(error?.message)
      return { cancel: true }
    })
    expect(await failed.promise).toBe('gone')
  })
})
