import type { Handlers } from '../rpc/handlers.ts'
import { listDisks } from '../system/disks.ts'

/** rpc-methods.md §3.7. */
export const diskHandlers = { 'disk.list': () => listDisks() } satisfies Handlers
