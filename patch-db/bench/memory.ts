import type { Figure } from './index.ts'
import { median } from './measure.ts'
import { measureAlone, storeFiles } from './store-files.ts'

const ROUNDS = 3

/** What a store holds in memory at rest (heap and buffers after a collection), each in a fresh process. */
export async function memoryFigures(): Promise<Figure[]> {
  await using files = await storeFiles()
  const opened: number[] = []
  const worked: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const { bytes: decoded } = await measureAlone('decode', files.dump)
    opened.push((await measureAlone('open', files.store)).bytes / decoded)
    worked.push((await measureAlone('work', files.store)).bytes / decoded)
  }
  const baseline = 'the document alone, as cbor-x decodes it'
  return [
    { figure: 'memory of an open store of 10 MB', value: median(opened), goal: 3, baseline, better: 'lower' },
    {
      figure: 'memory of it after 1,000 writes and a compaction',
      value: median(worked),
      goal: 3,
      baseline,
      better: 'lower',
    },
  ]
}
