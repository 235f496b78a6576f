import { z } from 'zod'
import { PackageId } from '../ids.ts'
import { method, type Methods } from './method.ts'
import { maybe, Nothing, orElse, Time } from './params.ts'

const id = z.int().nonnegative()
const ids = z.object({ ids: z.array(id).max(100_000).describe('From “notification list”') })
const Level = z.enum(['success', 'info', 'warning', 'error'])

export const NotificationWithId = z.object({
  id,
  packageId: z.string().nullable(),
  createdAt: Time,
  /** 0 plain, 1 backup report, 2 with a long text in `data`. */
  code: z.int(),
  level: Level,
  title: z.string(),
  message: z.string(),
  data: z.unknown(),
  seen: z.boolean(),
})
export type NotificationWithId = z.infer<typeof NotificationWithId>

/** rpc-methods.md §3.8. */
export const notificationMethods = {
  'notification.list': method(
    'Show notifications, newest first',
    z.object({
      before: maybe(id).describe('Only older ones than this'),
      limit: orElse(z.int().min(0).max(10_000), 40).describe('How many, 40 unless given'),
    }),
    z.array(NotificationWithId),
    {
      cli: {
        positional: ['before?', 'limit?'],
        table: ['id', 'createdAt', 'level', 'packageId', 'title', 'message'],
        examples: ['start-cli notification list', 'start-cli notification list 120 10'],
      },
    },
  ),
  'notification.remove': method('Delete notifications', ids, Nothing, {
    cli: { positional: ['ids…'], examples: ['start-cli notification remove 4 5'] },
  }),
  'notification.remove-before': method(
    'Delete all notifications older than one',
    z.object({ before: id }),
    Nothing,
    {
      cli: { positional: ['before'], examples: ['start-cli notification remove-before 12'] },
    },
  ),
  'notification.mark-seen': method('Mark notifications as read', ids, Nothing, {
    cli: { positional: ['ids…'], examples: ['start-cli notification mark-seen 4 5'] },
  }),
  'notification.mark-seen-before': method(
    'Mark one notification and all older ones as read',
    z.object({ before: id }),
    Nothing,
    {
      cli: { positional: ['before'], examples: ['start-cli notification mark-seen-before 12'] },
    },
  ),
  'notification.mark-unseen': method('Mark notifications as unread', ids, Nothing, {
    cli: { positional: ['ids…'], examples: ['start-cli notification mark-unseen 4'] },
  }),
  'notification.create': method(
    'Leave a notification for the owner',
    z.object({
      package: maybe(PackageId).meta({ description: 'The service that it is about', short: 'p' }),
      level: Level,
      title: z.string().max(1024),
      message: z.string().max(65536),
    }),
    Nothing,
    {
      mark: 'LATER',
      cli: {
        positional: ['level', 'title', 'message'],
        examples: ['start-cli notification create info "Backup" "The disk was changed"'],
      },
    },
  ),
} as const satisfies Methods
