import { CodedError } from '@startd/base/errors.ts'
import type { Database } from '@startd/base/model.ts'
import type { ServerDb } from '../db/index.ts'
import type { Handlers } from '../rpc/handlers.ts'
import { countUnread, notify } from '../service/notifications.ts'

/** rpc-methods.md §3.8. Every change counts the unread ones anew, in the same revision. */
export function notificationHandlers(db: ServerDb) {
  const change = async (edit: (notifications: Database['private']['notifications']) => void) => {
    await db.mutate((draft) => {
      edit(draft.private.notifications)
      countUnread(draft)
    })
    return null
  }
  const mark = (ids: readonly number[], seen: boolean) =>
    change((notifications) => {
      for (const id of ids) {
        const notification = notifications[String(id)]
        if (!notification) throw new CodedError('NotFound', `There is no notification ${id}`)
        notification.seen = seen
      }
    })

  return {
    'notification.list': ({ before, limit }) =>
      Object.entries(db.peek().private.notifications)
        .map(([id, notification]) => ({ id: Number(id), ...notification }))
        .filter(({ id }) => before === null || id < before)
        .sort((a, b) => b.id - a.id)
        .slice(0, limit),
    'notification.remove': ({ ids }) =>
      change((notifications) => {
        for (const id of ids) delete notifications[String(id)]
      }),
    'notification.remove-before': ({ before }) =>
      change((notifications) => {
        for (const id of Object.keys(notifications)) if (Number(id) < before) delete notifications[id]
      }),
    'notification.mark-seen': ({ ids }) => mark(ids, true),
    'notification.mark-seen-before': ({ before }) =>
      change((notifications) => {
        for (const [id, notification] of Object.entries(notifications)) {
          if (Number(id) <= before) notification.seen = true
        }
      }),
    'notification.mark-unseen': ({ ids }) => mark(ids, false),
    'notification.create': async ({ package: packageId, level, title, message }) => {
      await db.mutate((draft) => notify(draft, { packageId, level, title, message, now: new Date() }))
      return null
    },
  } satisfies Handlers
}
