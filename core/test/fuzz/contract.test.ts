import { randomInt } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { CONTRACT, type MethodName } from '@startd/base/rpc/contract.ts'
import type { BootContext } from '@startd/base/rpc/method.ts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FOUND } from './found.ts'
import { FuzzWorld } from './fuzz-world.ts'
import { harmless } from './harmless.ts'
import { CALLERS, type CallerName } from './judge.ts'
import { valuesOf } from './schema-values.ts'
import { spoiled } from './spoiled.ts'

/** Calls of each kind for a method and a caller; more of them with FUZZ_RUNS, the same ones again with FUZZ_SEED. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 6)
const SEED = Number(process.env['FUZZ_SEED'] ?? randomInt(2 ** 31))

/** They hash passwords or start programs; the dispatcher in front of them is that of all others. */
const SLOW = [
  'auth.login',
  'auth.reset-password',
  'auth.key.add',
  'disk.list',
  'db.apply',
  'setup.execute',
  'setup.disk.list',
  'server.device-info',
]
const ENDS_LOGINS = ['auth.logout', 'auth.reset-password', 'auth.session.kill', 'auth.key.remove']

describe.each<BootContext>(['setup', 'init', 'running', 'diagnostic'])(
  'a server in the context %s',
  (context) => {
    it(
      `gives a fitting result or a coded error to whatever it is asked (seed ${SEED})`,
      { timeout: 120_000 },
      async () => {
        const files = openFiles()
        const faults = new Map<string, string>()
        {
          await using world = await FuzzWorld.open(context)
          for (const name of world.methods) {
            for (const caller of CALLERS) {
              for (const params of cases(name, caller)) {
                const fault = await world.try(name, caller, params)
                if (fault !== null)
                  faults.set(`${name} by ${caller} ${fault}`.slice(0, 400), params.slice(0, 300))
              }
            }
            if (ENDS_LOGINS.includes(name)) await world.logIn()
          }
          expect(world.badLines).toEqual([])
        }
        expect(Object.fromEntries(faults)).toEqual({})
        expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
        expect(openFiles()).toBeLessThanOrEqual(files + 4)
      },
    )
  },
)

function* cases(name: MethodName, caller: CallerName): Generator<string> {
  for (const [method, params] of FOUND) if (method === name) yield params
  const closed = caller === 'anonymous' || caller === 'foreign'
  const numRuns = SLOW.includes(name) ? 2 : closed ? Math.ceil(RUNS / 4) : RUNS
  const values = valuesOf(CONTRACT[name].params)
  const sampling = { numRuns, seed: SEED }
  for (const params of [...fc.sample(values, sampling), ...fc.sample(spoiled(values), sampling)]) {
    yield JSON.stringify(harmless(name, params)) ?? 'null'
  }
}

function openFiles(): number {
  return readdirSync('/proc/self/fd').length
}
