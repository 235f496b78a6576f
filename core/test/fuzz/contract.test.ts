import { readdirSync } from 'node:fs'
import type { BootContext } from '@startd/base/rpc/method.ts'
import { describe, expect, it } from 'vitest'
import { cases, SEED } from './cases.ts'
import { FuzzWorld } from './fuzz-world.ts'
import { CALLERS } from './judge.ts'

const ENDS_LOGINS = ['auth.logout', 'auth.reset-password', 'auth.session.kill', 'auth.key.remove']
/** Files and connections of the test itself. */
const OWN_FILES = 6

const TITLE = `gives a fitting result or a coded error to whatever it is asked (FUZZ_SEED=${SEED})`

describe.each<BootContext>(['setup', 'init', 'running', 'diagnostic'])(
  'a server in the context %s',
  (context) => {
    it(TITLE, { timeout: 180_000 }, async () => {
      const files = openFiles()
      const faults = new Map<string, string>()
      {
        await using world = await FuzzWorld.open(context)
        for (const name of world.methods) {
          for (const caller of CALLERS) {
            for (const params of cases(name, caller)) {
              const fault = await world.try(name, caller, params)
              if (fault !== null) faults.set(`${name} by ${caller} ${fault}`, params.slice(0, 300))
            }
          }
          if (ENDS_LOGINS.includes(name)) await world.logIn()
        }
        expect(world.badLines).toEqual([])
      }
      expect(Object.fromEntries(faults)).toEqual({})
      expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
      expect(openFiles()).toBeLessThanOrEqual(files + OWN_FILES)
    })
  },
)

function openFiles(): number {
  return readdirSync('/proc/self/fd').length
}
