import { readFileSync } from 'node:fs'
import { setTimeout as quiet } from 'node:timers/promises'
import { Decoder } from 'cbor-x'
import { PatchDb } from '../src/patch-db.ts'
import type { Model } from './document.ts'

/**
 * One measurement in a process of its own, because compiled code and old garbage would decide it otherwise:
 * `node --expose-gc store-child.ts decode|open|work FILE` prints milliseconds of CPU time and bytes held as JSON.
 * The time is that of all threads, and includes what the engine's own threads begin meanwhile and end a little later:
 * they compile the decoder, which is nearly as much work as running it once.
 */
const [, , what, path] = process.argv as [string, string, string, string]
/** Long enough for those threads on a machine that has much else to do. */
const SETTLED_MS = 400
const decoder = new Decoder({ useRecords: false, mapsAsObjects: true })

function decodeFile(): unknown {
  const document: unknown = decoder.decode(readFileSync(path))
  // The decoder keeps the last buffer that it has read from, which is no part of the document.
  decoder.decode(Buffer.from([0xf6]))
  return document
}

async function held(): Promise<number> {
  // Twice, and after a turn: finalizers free buffers in between.
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.()
    await quiet(20)
  }
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

async function make(): Promise<unknown> {
  switch (what) {
    case 'decode':
      return decodeFile()
    case 'open':
      return await PatchDb.open<Model>(path)
    default: {
      const db = await PatchDb.open<Model>(path)
      for (let i = 0; i < 1000; i++)
        await db.mutate((draft) => void draft.private.counter++, { durable: false })
      await db.compact()
      return db
    }
  }
}

const before = await held()
const start = process.cpuUsage()
const kept = await make()
await quiet(SETTLED_MS)
const { user, system } = process.cpuUsage(start)
const milliseconds = (user + system) / 1000
const bytes = (await held()) - before
process.stdout.write(JSON.stringify({ milliseconds, bytes }))
if (kept instanceof PatchDb) await kept.close()
