import { type Encoding, PatchDbError, parsePointer, streamFrames, type Subscription } from '@startd/patch-db'
import type { ParsedParams, Result } from '@startd/base/rpc/contract.ts'
import { Rewriter, type ServerDb } from '../db/index.ts'
import type { Continuations } from '../rpc/continuations.ts'
import { ProtocolError } from '../rpc/errors.ts'
import type { Handlers } from '../rpc/handlers.ts'
import type { JsonSocket } from '../rpc/json-socket.ts'

/** rpc-methods.md §3.6. */
export function dbHandlers(db: ServerDb, continuations: Continuations) {
  const rewriter = new Rewriter(db)
  return {
    'db.apply': async ({ expr }) => {
      await rewriter.apply(expr)
      return null
    },
    'db.dump': ({ pointer }) => db.dump(checkPointer(pointer)),
    'db.subscribe': (params, { session }): Result<'db.subscribe'> => {
      const { encoding } = params
      const { subscription, ...answer } = begin(db, params)
      const guid = continuations.socket(
        (socket, signal) => stream(subscription, encoding ?? 'plain', socket, signal),
        { session, onUnused: () => subscription.close() },
      )
      return { ...answer, guid, ...(encoding ? { epoch: db.epoch } : {}) }
    },
    'db.put.ui': async ({ pointer, value }) => {
      await db.put(`/public/ui${checkPointer(pointer)}`, value)
      return null
    },
  } satisfies Handlers
}

/** Goes on where the caller stopped, if that is still known; else begins with a dump. */
function begin(db: ServerDb, { pointer, encoding, since }: ParsedParams<'db.subscribe'>) {
  checkPointer(pointer)
  const resumed = encoding && since ? db.resume(pointer, since) : null
  return resumed === null ? db.dumpAndSubscribe(pointer) : { subscription: resumed }
}

/** Always ends without a closing handshake: a browser takes a clean end for the end of the story. */
async function stream(
  subscription: Subscription,
  encoding: Encoding,
  socket: JsonSocket,
  signal: AbortSignal,
): Promise<void> {
  try {
    await streamFrames(subscription, encoding, { write: (frames) => socket.sendFrames(frames) }, signal)
  } finally {
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
