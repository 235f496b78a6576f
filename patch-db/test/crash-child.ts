import { once } from 'node:events'
import { writeSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import { PatchDb } from '../src/patch-db.ts'

/**
 * Waits until it is given a path, then writes without end and prints each revision once it was acknowledged.
 * Somebody will kill it.
 */
type Model = { counters: { [id: string]: number }; log: number[]; noise: string }
const WRITERS = 4

/** Waits while the pipe is full. `process.stdout` would keep such lines in memory, and they would die with us. */
function say(line: string): void {
  writeSync(1, `${line}\n`)
}

// Others start faster with it, and whoever is killed has no later time to write it.
flushCompileCache()
say('warm')
const [path] = (await once(process.stdin.setEncoding('utf8'), 'data')) as [string]
const initial: Model = { counters: {}, log: [], noise: '' }
const db = await PatchDb.open<Model>(path.trim(), { initial })
say(`open ${db.sequence}`)

async function writer(id: number): Promise<void> {
  for (let i = 0; ; i++) {
    const { result, revision } = await db.mutate((draft) => {
      const count = (draft.counters[`w${id}`] ?? 0) + 1
      draft.counters[`w${id}`] = count
      draft.log.push(i)
      if (draft.log.length > 50) draft.log.splice(0, 25)
      draft.noise = 'noise'.repeat((i * 37) % 100)
      return count
    })
    say(`${revision?.id} ${id} ${result}`)
    if (i % 10 === id) await db.compact()
  }
}
await Promise.all(Array.from({ length: WRITERS }, (_, id) => writer(id)))
