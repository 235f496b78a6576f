import type { SessionStore } from '../rpc/sessions.ts'
import type { ServerDb } from './open.ts'

/** Keeps logins in the database. Times of last use may be lost in a power cut, logins may not. */
export function sessionStore(db: ServerDb): SessionStore {
  return {
    read: () => db.peek().private.sessions,
    write: async (change) => {
      await db.mutate((draft) => change(draft.private.sessions))
    },
  }
}
