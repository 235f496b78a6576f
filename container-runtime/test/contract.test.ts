import { EFFECTS, type EffectName } from '@startd/base/effects.ts'
import { RUNTIME_METHODS, type RuntimeMethod } from '@startd/base/runtime-rpc.ts'
import { describe, expect, it } from 'vitest'
import { EFFECT_TRAITS } from '../src/effect-names.ts'
import { METHODS, checkParams } from '../src/requests.ts'

describe('the lists that stand in for the contract', () => {
  it('name every effect, and the same ones as watchable', () => {
    expect(Object.keys(EFFECT_TRAITS).sort()).toEqual(Object.keys(EFFECTS).sort())
    for (const name of Object.keys(EFFECTS) as EffectName[]) {
      expect([name, EFFECT_TRAITS[name].watch ?? false]).toEqual([name, EFFECTS[name].callback])
    }
  })

  it('never send a call again that could do a thing twice', () => {
    const once = Object.entries(EFFECT_TRAITS).filter(([, { again }]) => !again)
    expect(once.map(([name]) => name).sort()).toEqual([
      'action.clear-tasks',
      'action.create-task',
      'action.run',
      'notification.create',
      'rebuild',
      'restart',
      'set-main-status',
      'shutdown',
      'subcontainer.create-fs',
    ])
  })

  it('accept and refuse the same parameters', () => {
    expect([...METHODS].sort()).toEqual(Object.keys(RUNTIME_METHODS).sort())
    const values = [undefined, null, '', 'install', 'x'.repeat(5000), 0, -1, 1.5, [], [1], {}, true]
    const base: Record<RuntimeMethod, Record<string, unknown>> = {
      init: { id: 'e', kind: null },
      start: {},
      stop: {},
      exit: { id: 'e', target: null },
      execute: { id: 'e', procedure: '/backup/create', input: null, timeout: null },
      sandbox: { id: 'e', procedure: '/backup/create', input: null, timeout: 30 },
      callback: { id: 1, args: [] },
    }
    for (const method of METHODS) {
      expect(fits(method, base[method])).toBe(true)
      for (const name of Object.keys(base[method])) {
        for (const value of values) {
          const params = { ...base[method], [name]: value }
          expect([method, params, fits(method, params)]).toEqual([
            method,
            params,
            RUNTIME_METHODS[method].safeParse(params).success,
          ])
        }
      }
    }
  })
})

function fits(method: RuntimeMethod, params: unknown): boolean {
  try {
    checkParams(method, params)
    return true
  } catch {
    return false
  }
}
