import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { sample, SEED, SLOW } from './cases.ts'
import { FuzzWorld } from './fuzz-world.ts'

const ROUNDS = 4
/** Bytes that a round may add: what is remembered on purpose, such as notifications and metrics. */
const REMEMBERED = 4 * 1024 * 1024

it(`keeps nothing of calls that are over (FUZZ_SEED=${SEED})`, { timeout: 120_000 }, async () => {
  await using world = await FuzzWorld.open('running')
  const names = world.methods.filter((name) => !SLOW.includes(name))
  const round = async () => {
    for (const name of names) {
      for (const params of sample(name, { numRuns: 1, seed: SEED })) await world.try(name, 'session', params)
    }
    await world.endLogins()
    return heapInUse()
  }
  // The first one loads and compiles what it needs.
  const first = await round()
  let last = first
  for (let more = 1; more < ROUNDS; more++) last = await round()
  expect(last - first).toBeLessThan(REMEMBERED * (ROUNDS - 1))
  expect(await world.countLogins()).toBe(1)
})

function heapInUse(): number {
  setFlagsFromString('--expose-gc')
  ;(runInNewContext('gc') as () => void)()
  return process.memoryUsage().heapUsed
}
