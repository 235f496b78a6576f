import { changeEntry, TRANSIENT } from '../model.ts'
import { notify } from '../notifications.ts'
import type { EffectsHost, Handlers } from './host.ts'

/** What a service tells of itself: health, progress, notifications (effects.md §8). */
export function health({
  id,
  db,
  now,
  setInitProgress,
}: Pick<EffectsHost, 'id' | 'db' | 'now' | 'setInitProgress'>): Handlers<
  'set-health' | 'set-init-progress' | 'set-backup-progress' | 'notification.create'
> {
  return {
    'set-health': async ({ id: check, ...result }) => {
      // Packages repeat their health on every poll; what changes nothing makes no revision.
      await changeEntry(
        db,
        id,
        ({ statusInfo }) => {
          statusInfo.health[check] = result
        },
        TRANSIENT,
      )
      return null
    },
    'set-init-progress': ({ progress }) => {
      setInitProgress(progress)
      return null
    },
    // Means nothing outside of a backup, and none can run yet.
    'set-backup-progress': () => null,
    'notification.create': async ({ level, title, message, data }) => {
      await db.mutate((model) => {
        notify(model, { packageId: id, level, title, message, markdown: data, now: now() })
      })
      return null
    },
  }
}
