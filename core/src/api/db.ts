import { PatchDbError, parsePointer, type Subscription } from '@startd/patch-db'
import type { ServerDb } from '../db/index.ts'
import type { Continuations } from '../rpc/continuations.ts'
import { ProtocolError } from '../rpc/errors.ts'
import type { Handlers } from '../rpc/handlers.ts'
import type { JsonSocket } from '../rpc/json-socket.ts'

/** rpc-methods.md §3.6. */
export function dbHandlers(db: ServerDb, continuations: Continuations) {
  return {
    'db.dump': ({ pointer }) => db.dump(checkPointer(pointer)),
    'db.subscribe': ({ pointer }, { session }) => {
      const { dump, subscription } = db.dumpAndSubscribe(checkPointer(pointer))
      const guid = continuations.socket((socket, signal) => stream(subscription, socket, signal), {
        session,
        onUnused: () => subscription.close(),
      })
      return { dump, guid }
    },
    'db.put.ui': async ({ pointer, value }) => {
      await db.put(`/public/ui${checkPointer(pointer)}`, value)
      return null
    },
  } satisfies Handlers
}

/** Always ends without a closing handshake: a browser takes a clean end for the end of the story. */
async function stream(subscription: Subscription, socket: JsonSocket, signal: AbortSignal): Promise<void> {
  try {
    for (let next = await subscription.next(signal); next !== null; next = await subscription.next(signal)) {
      await socket.sendText(next.encoded)
    }
  } finally {
    subscription.close()
    socket.terminate()
  }
}

function checkPointer(pointer: string): string {
  try {
    parsePointer(pointer)
    return pointer
  } catch (error) {
    if (error instanceof PatchDbError) throw new ProtocolError('invalidParams', error.message)
    throw error
  }
}
