import { changeStatus, findEntry } from '../model.ts'
import { packagePath } from '../callbacks.ts'
import * as status from '../status.ts'
import type { EffectsHost, Handlers } from './host.ts'

/** The service's own run state (effects.md §4). All but `rebuild` only change the database. */
export function control({
  id,
  db,
  callbacks,
  now,
  rebuild,
}: Pick<EffectsHost, 'id' | 'db' | 'callbacks' | 'now' | 'rebuild'>): Handlers<
  'restart' | 'shutdown' | 'rebuild' | 'get-status' | 'set-main-status'
> {
  const change = async (operation: Parameters<typeof changeStatus>[2]) => {
    await changeStatus(db, id, operation)
    return null
  }
  return {
    restart: () => change(status.restart),
    shutdown: () => change(status.stop),
    rebuild: () => {
      rebuild()
      return null
    },
    'get-status': async ({ packageId, callback }) => {
      const target = packageId ?? id
      callbacks.onChange(callback, packagePath(target, 'statusInfo'))
      return findEntry(db.peek(), target)?.statusInfo ?? null
    },
    'set-main-status': ({ status: main }) =>
      change((info) => {
        status.setMainStatus(info, main, now().toISOString())
      }),
  }
}
