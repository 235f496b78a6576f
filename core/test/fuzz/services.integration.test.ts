import { readFile } from 'node:fs/promises'
import type { MethodName } from '@startd/base/rpc/contract.ts'
import { expect, it } from 'vitest'
import { openServices, takeDown } from '../../src/bin/open-services.ts'
import { pack } from '../../src/service/test/packages.ts'
import { openWorld } from '../../src/service/test/world.ts'
import { sample, SEED } from './cases.ts'
import { FuzzWorld } from './fuzz-world.ts'

/** What is really there, for the members of parameters that name it. */
const REAL: Record<string, string> = {
  id: 'probe',
  package: 'probe',
  packageId: 'probe',
  host: 'main',
  actionId: 'greet',
}
/** Ends what is to be asked about. */
const LAST: MethodName = 'package.uninstall'

it(`answers for a real service as for none (FUZZ_SEED=${SEED})`, { timeout: 300_000 }, async () => {
  await using undo = new AsyncDisposableStack()
  const machine = await openWorld()
  undo.defer(() => machine.dispose())
  const { place, scratch } = machine
  const host = { data: place.dataDir, ...place, listen: '127.0.0.1', version: 'test' }
  const world = undo.use(
    await FuzzWorld.real({
      data: place.dataDir,
      openServices: (db, log) => openServices(host, db, log),
      takeDown: (log) => takeDown(host, log),
    }),
  )
  await world.install(await readFile(await pack(scratch, { id: 'probe' })))
  const packageMethods = world.methods.filter((name) => name.startsWith('package.') && name !== LAST)
  const faults: Record<string, string> = {}
  for (const name of [...packageMethods, LAST]) {
    for (const params of sample(name, { numRuns: 3, seed: SEED })) {
      for (const asked of new Set([aimed(params), params])) {
        const fault = await world.try(name, 'session', asked)
        if (fault !== null) faults[`${name} ${fault}`] = asked.slice(0, 300)
      }
    }
  }
  expect(faults).toEqual({})
  expect(world.badLines).toEqual([])
})

/** The same, about the service that is there. */
function aimed(params: string): string {
  const value: unknown = JSON.parse(params)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return params
  const real = Object.entries(REAL).filter(
    ([key]) => typeof (value as Record<string, unknown>)[key] === 'string',
  )
  return JSON.stringify({ ...value, ...Object.fromEntries(real) })
}
