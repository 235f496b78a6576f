import { join } from 'node:path'
import { Low } from 'lowdb'
import { JSONFile } from 'lowdb/node'
import type { Model } from '../document.ts'
import { Callbacks, setMessage, type Audience, type Contender } from './contender.ts'

/**
 * lowdb: the whole document as one JSON file, written anew at each change (beside the old one, then renamed). As it
 * comes it never syncs, so it does less than the others here: what it wrote may be gone after a power cut.
 */
export async function openLowdb(directory: string, document: Model, audience: Audience): Promise<Contender> {
  const db = new Low<Model>(new JSONFile(join(directory, 'low.json')), document)
  await db.write()
  const callbacks = new Callbacks(audience)
  return {
    async change(id, message) {
      const service = db.data.public.packageData[id]
      if (service === undefined) throw new Error(`no service ${id}`)
      setMessage(service, message)
      await db.write()
      callbacks.call(id, service)
    },
    called: () => callbacks.called,
    close: () => Promise.resolve(),
  }
}
