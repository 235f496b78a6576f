import { adopt } from '../src/adopt.ts'
import { deepEqual, isContainer, type JsonValue } from '../src/json.ts'
import { record } from '../src/record.ts'
import { makeDocument, type Model } from './document.ts'
import type { Figure } from './index.ts'
import { best, perCall } from './measure.ts'

/** Rewrites of everything that change nothing, as a program does that derives its state anew at each start. */
export function benchRewrite(): Figure[] {
  return [1_500, 46_000].flatMap((iconBytes) => {
    const size = iconBytes < 10_000 ? '1 MB' : '10 MB'
    const document = adopt(makeDocument(200, iconBytes))
    const fresh = structuredClone(document) as Model
    const assign = () => changed(document, (draft) => void Object.assign(draft, fresh))
    const derive = () => changed(document, deriveAddresses)
    return [
      {
        figure: `${size} assigned anew, nothing changed`,
        value: cost(assign) / cost(() => walk(document)),
        goal: 5,
        baseline: 'a walk over every value of the document',
        better: 'lower' as const,
      },
      {
        figure: `11,200 addresses derived anew through the draft, ${size}`,
        value: cost(derive) / cost(() => deriveAndCompare(document as Model)),
        goal: 5,
        baseline: 'the same over the plain document, comparing each list with the old one',
        better: 'lower' as const,
      },
    ]
  })
}

function cost(work: () => unknown): number {
  return best(20, () => perCall(1, () => void work()))
}

function changed(document: JsonValue, write: (draft: Model) => void): void {
  const { patch } = record<void>(document, write)
  if (patch.length > 0) throw new Error('the rewrite changed something')
}

function walk(value: JsonValue): number {
  if (!isContainer(value)) return 1
  let count = 1
  if (Array.isArray(value)) for (const element of value) count += walk(element)
  else for (const key in value) count += walk(value[key] as JsonValue)
  return count
}

function deriveAddresses(model: Model): void {
  for (const { hosts } of Object.values(model.public.packageData))
    for (const host of Object.values(hosts))
      for (const port in host) host[port] = derive(host[port] as Addresses)
}

function deriveAndCompare(model: Model): void {
  for (const { hosts } of Object.values(model.public.packageData))
    for (const host of Object.values(hosts))
      for (const port in host) {
        const addresses = host[port] as Addresses
        if (!deepEqual(derive(addresses), addresses)) throw new Error('the rewrite changed something')
      }
}

type Addresses = Model['public']['packageData'][string]['hosts'][string][string]

function derive(addresses: Addresses): Addresses {
  return addresses.map(({ ssl, port, host }) => ({ ssl, port, host }))
}
