import { NOTIFICATION_CODES, type Database, type Notification } from '@startd/base/model.ts'

/** Notifications that are kept of one sender; a service that never stops telling must not fill the disk. */
const MOST_OF_ONE = 100

export interface NewNotification extends Pick<Notification, 'packageId' | 'level' | 'title' | 'message'> {
  /** Longer text in Markdown, shown on demand. */
  markdown?: string | null
  /** What a page can offer to do about it; with a number of its own in `code`. */
  code?: number
  data?: unknown
  now: Date
}

/** Adds a notification to a draft of the database (db-model.md §6.4). */
export function notify(
  model: Database,
  {
    markdown = null,
    code = markdown === null ? NOTIFICATION_CODES.plain : NOTIFICATION_CODES.markdown,
    data = markdown,
    now,
    ...rest
  }: NewNotification,
): void {
  const { notifications } = model.private
  const all = Object.entries(notifications)
  const highest = all.reduce((max, [id]) => Math.max(max, Number(id)), -1)
  const oldestFirst = all
    .filter(([, { packageId }]) => packageId === rest.packageId)
    .map(([id]) => Number(id))
    .sort((a, b) => a - b)
  for (const id of oldestFirst.slice(0, -(MOST_OF_ONE - 1))) delete notifications[String(id)]
  notifications[String(highest + 1)] = {
    ...rest,
    createdAt: now.toISOString(),
    code,
    data,
    seen: false,
  }
  countUnread(model)
}

/** Brings the number of unread notifications up to date, on a draft of the database. */
export function countUnread(model: Database): void {
  const all = Object.values(model.private.notifications)
  model.public.serverInfo.unreadNotificationCount = all.filter(({ seen }) => !seen).length
}
