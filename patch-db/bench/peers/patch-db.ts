import { join } from 'node:path'
import { PatchDb } from '../../src/index.ts'
import type { Model } from '../document.ts'
import { setMessage, type Audience, type Contender, type Service } from './contender.ts'

/** Ours: one document; each watcher follows `/public/packageData/<service>/statusInfo`. */
export async function openPatchDb(directory: string, initial: Model, audience: Audience): Promise<Contender> {
  const db = await PatchDb.open<Model>(join(directory, 'patch.db'), { initial })
  let called = 0
  for (const [service, watchers] of audience)
    for (let i = 0; i < watchers; i++)
      db.watch(['public', 'packageData', service, 'statusInfo'] as const).listen((status) => {
        if (status?.health['web'] !== undefined) called++
      })
  return {
    async change(service, message) {
      await db.mutate((draft) => {
        setMessage(draft.public.packageData[service] as Service, message)
      })
    },
    called: () => called,
    close: () => db.close(),
  }
}
