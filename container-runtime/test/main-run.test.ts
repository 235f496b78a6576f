import { describe, expect, it, vi } from 'vitest'
import { CallbackRegistry, EffectContext } from '../src/context.ts'
import { createEffects } from '../src/effects.ts'
import { MainRun } from '../src/main-run.ts'
import type { PackageCode } from '../src/package-code.ts'

function run(main: PackageCode['main'], before = Promise.resolve()) {
  const context = new EffectContext(new CallbackRegistry(), () => {})
  const effects = createEffects(() => Promise.resolve(null), null, context)
  return { context, run: new MainRun({ main } as PackageCode, effects, before) }
}

describe('a run of main', () => {
  it('is not waited for when it does not come back, and what it brings later is ended at once', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    const late = Promise.withResolvers<unknown>()
    const { run: hanging } = run(() => late.promise)
    await hanging.end(10)
    expect(log).toHaveBeenCalledWith(expect.stringContaining('has not come back'))
    const term = vi.fn(() => Promise.resolve())
    late.resolve({ build: async () => ({ term }) })
    await vi.waitFor(() => expect(term).toHaveBeenCalledOnce())
    log.mockRestore()
  })

  it('is waited for while it comes back in time', async () => {
    const slow = Promise.withResolvers<unknown>()
    const term = vi.fn(() => Promise.resolve())
    const { run: starting } = run(() => slow.promise)
    const ended = starting.end()
    slow.resolve({ build: async () => ({ term }) })
    await ended
    expect(term).toHaveBeenCalledOnce()
  })

  it('never begins when it was stopped before its turn', async () => {
    const turn = Promise.withResolvers<void>()
    const main = vi.fn()
    const { run: waiting, context } = run(main, turn.promise)
    context.leave()
    const ended = waiting.end()
    turn.resolve()
    await ended
    await expect(waiting.built).rejects.toThrow('stopped before main() began')
    expect(main).not.toHaveBeenCalled()
  })

  it('refuses what cannot be stopped', async () => {
    await expect(run(async () => ({ build: async () => ({}) })).run.built).rejects.toThrow(
      'main() did not return daemons',
    )
    await expect(run(async () => undefined).run.built).rejects.toThrow('main() did not return daemons')
  })
})
