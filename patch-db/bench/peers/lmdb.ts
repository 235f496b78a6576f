import { join } from 'node:path'
import { open } from 'lmdb'
import type { Model } from '../document.ts'
import { Callbacks, setMessage, type Audience, type Contender, type Service } from './contender.ts'

/**
 * lmdb with one entry a service, in its default encoding (MessagePack) and settings; durable is what `flushed` tells.
 * The services are held in memory as well, so that nothing has to be read back.
 */
export async function openLmdb(directory: string, document: Model, audience: Audience): Promise<Contender> {
  const db = open<Service, string>({ path: join(directory, 'lmdb') })
  const services = new Map(Object.entries(document.public.packageData))
  for (const [id, service] of services) void db.put(id, service)
  await db.flushed
  const callbacks = new Callbacks(audience)
  return {
    async change(id, message) {
      const service = services.get(id)
      if (service === undefined) throw new Error(`no service ${id}`)
      setMessage(service, message)
      await db.put(id, service)
      await db.flushed
      callbacks.call(id, service)
    },
    called: () => callbacks.called,
    close: () => db.close(),
  }
}
