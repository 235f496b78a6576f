import fastJsonPatch from 'fast-json-patch'
import { adopt } from '../src/adopt.ts'
import type { JsonValue } from '../src/json.ts'
import { record } from '../src/record.ts'
import { makeDocument, type Model } from './document.ts'
import type { Figure } from './index.ts'
import { best, perCall } from './measure.ts'

const COMPARE = 'fast-json-patch compare of the two documents'
type Write = (draft: Model, turn: number) => void

const writeCounter: Write = (draft, turn) => {
  draft.private.counter = turn
}
const writeHealth: Write = (draft, turn) => {
  const entry = draft.public.packageData['service-100']?.statusInfo.health['web']
  if (entry !== undefined) entry.result = turn % 2 === 1 ? 'failure' : 'success'
}

/** What one small write costs: patch, next document and JSON text, without the disk. */
export function benchMutate(): Figure[] {
  const large = makeDocument(200, 46_000)
  const medium = makeDocument(200, 1_500)
  const small = makeDocument(20, 1_500)
  const inLarge = oneWrite(large, writeCounter)
  const figure = (name: string, value: number, goal: number | null): Figure => ({
    figure: `${name}, times faster`,
    value,
    goal,
    baseline: COMPARE,
    better: 'higher',
  })
  return [
    figure('one-field mutate on 10 MB', oneCompare(large, writeCounter) / inLarge, 3000),
    figure(
      'one-field mutate on 1 MB',
      oneCompare(medium, writeCounter) / oneWrite(medium, writeCounter),
      null,
    ),
    figure(
      'one field below a map of 200 services, 10 MB',
      oneCompare(large, writeHealth) / oneWrite(large, writeHealth),
      null,
    ),
    {
      figure: 'one-field mutate on 10 MB against 100 kB',
      value: inLarge / oneWrite(small, writeCounter),
      goal: 2,
      baseline: 'the same write in a document of 100 kB',
      better: 'lower',
    },
  ]
}

function oneWrite(document: Model, write: Write): number {
  let value: JsonValue = adopt(document)
  let turn = 0
  const one = () => {
    turn++
    const next = record<void>(value, (draft: Model) => write(draft, turn))
    value = next.value
    JSON.stringify(next.patch)
  }
  return best(5, () => perCall(10_000, one))
}

function oneCompare(document: Model, write: Write): number {
  const changed = structuredClone(document)
  write(changed, 1)
  return best(3, () => perCall(3, () => void fastJsonPatch.compare(document, changed)))
}
