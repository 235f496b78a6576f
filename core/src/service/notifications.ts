import type { Database, Notification } from '@startd/base/model.ts'

export interface NewNotification extends Pick<Notification, 'packageId' | 'level' | 'title' | 'message'> {
  /** Longer text in Markdown, shown on demand. */
  markdown?: string | null
  now: Date
}

/** Adds a notification to a draft of the database (db-model.md §6.4). */
export function notify(model: Database, { markdown = null, now, ...rest }: NewNotification): void {
  const { notifications } = model.private
  const highest = Object.keys(notifications).reduce((max, id) => Math.max(max, Number(id)), -1)
  notifications[String(highest + 1)] = {
    ...rest,
    createdAt: now.toISOString(),
    code: markdown === null ? 0 : 2,
    data: markdown,
    seen: false,
  }
  model.public.serverInfo.unreadNotificationCount++
}
