import { randomInt } from 'node:crypto'
import { CONTRACT, type MethodName } from '@startd/base/rpc/contract.ts'
import fc from 'fast-check'
import { FOUND } from './found.ts'
import { harmless } from './harmless.ts'
import type { CallerName } from './judge.ts'
import { valuesOf } from './schema-values.ts'
import { spoiled } from './spoiled.ts'

/** Calls of each kind for a method and a caller; more of them with FUZZ_RUNS, the same ones again with FUZZ_SEED. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 6)
export const SEED = Number(process.env['FUZZ_SEED'] ?? randomInt(2 ** 31))

/** They hash passwords or start programs; the dispatcher in front of them is that of all others. */
export const SLOW: readonly string[] = [
  'auth.login',
  'auth.reset-password',
  'auth.key.add',
  'disk.list',
  'db.apply',
  'setup.execute',
  'setup.disk.list',
  'server.device-info',
]

/** Parameters for a method, as they are sent: those that fit and those that do not. */
export function* cases(name: MethodName, caller: CallerName): Generator<string> {
  for (const [method, params] of FOUND) if (method === name) yield params
  const closed = caller === 'anonymous' || caller === 'foreign'
  const numRuns = SLOW.includes(name) ? 2 : closed ? Math.ceil(RUNS / 4) : RUNS
  yield* sample(name, { numRuns, seed: SEED })
}

/** As many of each kind. */
export function sample(name: MethodName, sampling: { numRuns: number; seed: number }): string[] {
  const values = valuesOf(CONTRACT[name].params)
  return [...fc.sample(values, sampling), ...fc.sample(spoiled(values), sampling)].map(
    (params) => JSON.stringify(harmless(name, params)) ?? 'null',
  )
}
