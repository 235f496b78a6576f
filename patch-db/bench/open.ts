import type { Figure } from './index.ts'
import { PatchDb } from '../src/patch-db.ts'
import type { Model } from './document.ts'
import { median } from './measure.ts'
import { measureAlone, storeFiles } from './store-files.ts'

const ROUNDS = 7

/** What a program waits for at its start, and what a writer waits for while the file is rewritten. */
export async function openFigures(): Promise<Figure[]> {
  await using files = await storeFiles()
  const ratios: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const opened = await measureAlone('open', files.store)
    const decoded = await measureAlone('decode', files.dump)
    ratios.push(opened.milliseconds / decoded.milliseconds)
  }
  return [
    {
      figure: 'open of 10 MB with 4,000 logged revisions',
      value: median(ratios),
      goal: 2,
      baseline: 'cbor-x reading and decoding a dump of 10 MB, CPU time, each first in its process',
      better: 'lower',
    },
    {
      figure: 'longest wait of a writer while 10 MB are compacted, ms',
      value: median(await longestWaits(files.store)),
      goal: 50,
      baseline: 'milliseconds, the commit’s own sync included',
      better: 'lower',
    },
  ]
}

/** For each of several compactions, the slowest of the durable commits that were made meanwhile. */
async function longestWaits(path: string): Promise<number[]> {
  await using db = await PatchDb.open<Model>(path)
  const waits: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    let longest = 0
    let done = false
    const compaction = db.compact().finally(() => {
      done = true
    })
    while (!done) {
      const start = performance.now()
      await db.mutate((draft) => void draft.private.counter++)
      longest = Math.max(longest, performance.now() - start)
    }
    await compaction
    waits.push(longest)
  }
  return waits
}
