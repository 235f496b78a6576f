import fastJsonPatch from 'fast-json-patch'
import { adopt } from '../src/adopt.ts'
import type { JsonValue } from '../src/json.ts'
import { record } from '../src/record.ts'
import type { Figure } from './index.ts'
import { makeDocument, type Model } from './document.ts'

/** What one small write costs: patch, next document and JSON text, without the disk. */
export function benchMutate(): Figure[] {
  const large = makeDocument(200, 46_000)
  const small = makeDocument(20, 1_500)
  const changed = structuredClone(large)
  changed.private.counter = 1
  const compare = best(3, () => perCall(3, () => void fastJsonPatch.compare(large, changed)))
  const inLarge = oneField(large)
  const inSmall = oneField(small)
  const health = bestHealth(large)
  const healthChanged = structuredClone(large)
  healthChanged.public.packageData['service-100']!.statusInfo.health['web']!.result = 'failure'
  const compareHealth = best(3, () => perCall(3, () => void fastJsonPatch.compare(large, healthChanged)))
  return [
    {
      figure: 'one-field mutate on 10 MB, times faster',
      value: compare / inLarge,
      goal: 3000,
      baseline: 'fast-json-patch compare of the two documents',
      better: 'higher',
    },
    {
      figure: 'health entry under a map of 200 services, times faster',
      value: compareHealth / health,
      goal: null,
      baseline: 'fast-json-patch compare of the two documents',
      better: 'higher',
    },
    {
      figure: 'one-field mutate on 10 MB against 100 kB',
      value: inLarge / inSmall,
      goal: 2,
      baseline: 'the same write in a document of 100 kB',
      better: 'lower',
    },
  ]
}

function oneField(document: Model): number {
  let value = adopt(document)
  const write = () => {
    const next = record<void>(value, (draft: Model) => {
      draft.private.counter++
    })
    value = next.value
    JSON.stringify(next.patch)
  }
  return best(5, () => perCall(20_000, write))
}

function bestHealth(document: Model): number {
  let value: JsonValue = adopt(document)
  let flip = false
  const write = () => {
    flip = !flip
    const next = record<void>(value, (draft: Model) => {
      const entry = draft.public.packageData['service-100']?.statusInfo.health['web']
      if (entry !== undefined) entry.result = flip ? 'failure' : 'success'
    })
    value = next.value
    JSON.stringify(next.patch)
  }
  return best(5, () => perCall(2_000, write))
}

/** CPU microseconds of one call. */
function perCall(times: number, work: () => void): number {
  const start = process.cpuUsage()
  for (let i = 0; i < times; i++) work()
  const { user, system } = process.cpuUsage(start)
  return (user + system) / times
}

function best(times: number, measure: () => number): number {
  return Math.min(...Array.from({ length: times }, measure))
}
