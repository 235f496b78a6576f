import { PatchDb } from '../src/index.ts'

/** Writes without end and prints each sequence once it was acknowledged; somebody will kill it. */
const [, , path, seed] = process.argv
type Model = { counters: { [id: string]: number }; log: number[]; noise: string }
const initial: Model = { counters: {}, log: [], noise: '' }
const db = await PatchDb.open<Model>(path as string, { initial })

async function writer(id: number): Promise<void> {
  for (let i = 0; ; i++) {
    const { result, revision } = await db.mutate((draft) => {
      draft.counters[`w${id}`] = (draft.counters[`w${id}`] ?? 0) + 1
      draft.log.push(i)
      if (draft.log.length > 50) draft.log.splice(0, 25)
      draft.noise = String(seed).repeat((i * 37) % 200)
      return draft.counters[`w${id}`]
    })
    process.stdout.write(`${revision?.id} ${id} ${result}\n`)
    if (i % 40 === id) await db.compact()
  }
}
process.stdout.write(`open ${db.sequence}\n`)
await Promise.all([0, 1, 2, 3].map(writer))
