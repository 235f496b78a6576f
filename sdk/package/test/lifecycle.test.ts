import { describe, expect, it, vi } from 'vitest'
import { setupInit, setupUninit } from '../src/lifecycle/init.ts'
import { setupDependencies } from '../src/dependencies/setup.ts'
import { HostInMemory } from './kit/effects.ts'

describe('init', () => {
  it('runs scripts in order, each in a context of its own, and completes the progress', async () => {
    const host = new HostInMemory()
    const seen: unknown[] = []
    await setupInit(async (_, kind) => void seen.push(['first', kind]), {
      init: async (_, kind) => void seen.push(['second', kind]),
    })({ effects: host.effects('init'), kind: 'install' })
    expect(seen).toEqual([
      ['first', 'install'],
      ['second', 'install'],
    ])
    expect([...(host.root.children.get('init')?.children.keys() ?? [])]).toEqual(['init_0', 'init_1'])
    expect(host.sent('setInitProgress').at(-1)).toEqual({ progress: { overall: true, phases: [] } })
  })

  it('shows the phases of its scripts', async () => {
    const host = new HostInMemory()
    await setupInit(async (_, __, progress) => {
      const phase = progress.addPhase('Fetching', 3)
      phase.start()
      phase.setTotal(10)
      phase.setDone(5)
      await progress.sync()
      expect(host.sent('setInitProgress').at(-1)).toEqual({
        progress: {
          overall: { done: 1, total: 3, units: null },
          phases: [{ name: 'Fetching', progress: { done: 5, total: 10, units: null } }],
        },
      })
      phase.complete()
    })({ effects: host.effects('init'), kind: null })
    expect(host.sent('setInitProgress').at(-1)).toMatchObject({ progress: { overall: true } })
  })

  it('stops at the first script that fails', async () => {
    const second = vi.fn(async () => {})
    const init = setupInit(async () => Promise.reject(new Error('no')), second)
    await expect(init({ effects: new HostInMemory().effects('init'), kind: null })).rejects.toThrow('no')
    expect(second).not.toHaveBeenCalled()
  })

  it('runs a script again, with its first kind, when a constant of it changes', async () => {
    const runs: unknown[] = []
    const twice = Promise.withResolvers<void>()
    const init = setupInit(async (effects, kind) => {
      runs.push(kind)
      if (runs.length === 2) return twice.resolve()
      effects.constRetry?.()
      effects.constRetry?.()
      expect(runs).toHaveLength(1)
    })
    await init({ effects: new HostInMemory().effects('init'), kind: 'install' })
    await twice.promise
    expect(runs).toEqual(['install', 'install'])
  })

  it('goes on when the host does not want progress', async () => {
    const host = new HostInMemory().answer('setInitProgress', () =>
      Promise.reject(new Error('unknown method')),
    )
    await setupInit(async () => {})({ effects: host.effects('init'), kind: null })
  })
})

it('uninit runs its scripts in order with the target', async () => {
  const seen: unknown[] = []
  await setupUninit(async (_, target) => void seen.push(target), {
    uninit: async () => void seen.push('second'),
  })({ effects: new HostInMemory().effects('uninit'), target: null })
  expect(seen).toEqual([null, 'second'])
})

it('dependencies are told as a list', async () => {
  const host = new HostInMemory()
  await setupDependencies(async () => ({
    db: { kind: 'running', versionRange: '>=1:0', healthChecks: ['primary'] },
    maybe: undefined,
    files: { kind: 'exists', versionRange: '*' },
  }))(host.effects('init'))
  expect(host.sent('setDependencies')).toEqual([
    {
      dependencies: [
        { id: 'db', kind: 'running', versionRange: '>=1:0', healthChecks: ['primary'] },
        { id: 'files', kind: 'exists', versionRange: '*' },
      ],
    },
  ])
})
