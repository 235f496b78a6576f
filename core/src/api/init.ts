import type { Continuations } from '../rpc/continuations.ts'
import type { Handlers } from '../rpc/handlers.ts'
import type { BootProgress } from '../setup/boot-progress.ts'
import { streamValues } from './streams.ts'

/** rpc-methods.md §3.11. */
export function initHandlers(progress: BootProgress, continuations: Continuations) {
  return {
    'init.subscribe': () => ({
      progress: progress.current,
      guid: streamValues(continuations, null, (signal) => progress.follow(signal)),
    }),
  } satisfies Handlers
}
