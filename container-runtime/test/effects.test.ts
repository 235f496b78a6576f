import { describe, expect, it, vi } from 'vitest'
import { CallbackRegistry, EffectContext } from '../src/context.ts'
import { type Effects, createEffects } from '../src/effects.ts'

function world() {
  const calls: [string, Record<string, unknown>][] = []
  const registry = new CallbackRegistry()
  const dropped: number[][] = []
  const root = new EffectContext(registry, (ids) => dropped.push(ids))
  const effects = createEffects(
    async (method, params) => {
      calls.push([method, params])
      return `answer of ${method}`
    },
    'event-1',
    root,
  )
  return { calls, registry, dropped, root, effects }
}

const group = (effects: Effects, name: string) =>
  effects[name] as Record<string, (options?: object) => Promise<unknown>>
const method = (effects: Effects, name: string) => effects[name] as (options?: object) => Promise<unknown>

describe('the effects object', () => {
  it('keeps every member in a copy made by spreading, nested groups too', async () => {
    const { effects, calls } = world()
    const copy = { ...effects }
    expect(Object.keys(copy).sort()).toEqual(Object.keys(effects).sort())
    expect(Object.getPrototypeOf(copy['action'])).toBe(Object.prototype)
    await group(copy, 'action')['createTask']?.({ replayId: 'a:b' })
    const plugin = copy['plugin'] as { url: Record<string, (options: object) => Promise<unknown>> }
    await plugin.url['exportUrl']?.({ overflowActions: [] })
    expect(calls).toEqual([
      ['action.create-task', { replayId: 'a:b', eventId: 'event-1' }],
      ['plugin.url.export-url', { overflowActions: [], eventId: 'event-1' }],
    ])
    expect(copy.child('x').isInContext).toBe(true)
  })

  it('sends the event id, unknown keys too, and no event id in main', async () => {
    const { effects, calls, root } = world()
    await method(effects, 'setDataVersion')({ version: '1:0', surprise: true })
    const main = createEffects(async (...call) => calls.push(call), null, root)
    await method(main, 'getOsIp')()
    expect(calls).toEqual([
      ['set-data-version', { version: '1:0', surprise: true, eventId: 'event-1' }],
      ['get-os-ip', {}],
    ])
  })

  it('replaces a callback by a number, which runs it once', async () => {
    const { effects, calls, registry } = world()
    const changed = vi.fn()
    await method(effects, 'getHostInfo')({ hostId: 'main', callback: changed })
    await method(effects, 'getHostInfo')({ hostId: 'main' })
    expect(calls.map(([, params]) => params['callback'])).toEqual([1, null])
    registry.fire(1, ['new value'])
    registry.fire(1, [])
    registry.fire(99, [])
    expect(changed.mock.calls).toEqual([['new value']])
  })

  it('gives a child its own constRetry, begun as its parent’s', () => {
    const { effects } = world()
    const retry = vi.fn()
    effects.constRetry = retry
    const child = effects.child('a')
    expect(child.constRetry).toBe(retry)
    expect(child.eventId).toBe('event-1')
    child.constRetry = undefined
    expect(effects.constRetry).toBe(retry)
  })

  it('has no context in uninit: nothing is watched and hooks only warn', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    const calls: Record<string, unknown>[] = []
    const effects = createEffects(async (_, params) => calls.push(params), 'e', null)
    effects.onLeaveContext(() => {})
    effects.child('x').onLeaveContext(() => {})
    await method(effects, 'getStatus')({ callback: () => {} })
    expect(effects.isInContext).toBe(false)
    expect(warn).toHaveBeenCalledTimes(2)
    expect(calls).toEqual([{ eventId: 'e', callback: null }])
    warn.mockRestore()
  })
})

describe('leaving a context', () => {
  it('leaves children first, resets effects before the package’s own hooks, and runs hooks once in order', () => {
    const { effects, root } = world()
    const order: string[] = []
    const child = effects.child('child')
    const grandchild = child.child('grandchild')
    effects.onLeaveContext(() => order.push(`parent, in context: ${effects.isInContext}`))
    effects.onLeaveContext(() => order.push('parent again'))
    child.onLeaveContext(() => order.push(`child, in context: ${child.isInContext}`))
    grandchild.onLeaveContext(() => order.push('grandchild'))
    effects.constRetry = () => {}
    root.leave()
    root.leave()
    expect(order).toEqual([
      'grandchild',
      'child, in context: false',
      'parent, in context: false',
      'parent again',
    ])
    expect(effects.constRetry).toBeUndefined()
  })

  it('leaves an earlier child of the same name before the new one exists', () => {
    const { effects } = world()
    const first = effects.child('a')
    const left = vi.fn()
    first.onLeaveContext(left)
    const second = effects.child('a')
    expect(left).toHaveBeenCalledOnce()
    expect([first.isInContext, second.isInContext]).toEqual([false, true])
  })

  it('goes on when a hook throws or rejects', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => {})
    const { effects, root } = world()
    const last = vi.fn()
    effects.onLeaveContext(() => {
      throw new Error('one')
    })
    effects.onLeaveContext(() => Promise.reject(new Error('two')))
    effects.onLeaveContext(last)
    root.leave()
    await vi.waitFor(() => expect(error).toHaveBeenCalledTimes(2))
    expect(last).toHaveBeenCalledOnce()
    error.mockRestore()
  })

  it('forgets callbacks, tells the host, and registers no more', async () => {
    const { effects, calls, dropped, registry, root } = world()
    const changed = vi.fn()
    const watch = method(effects, 'getSystemSmtp')
    await watch({ callback: changed })
    await watch({ callback: changed })
    registry.fire(1, [])
    root.leave()
    registry.fire(2, [])
    await watch({ callback: changed })
    expect(changed).toHaveBeenCalledOnce()
    expect(dropped).toEqual([[2]])
    expect(calls.at(-1)?.[1]['callback']).toBeNull()
    expect(effects.child('late').isInContext).toBe(false)
  })
})
