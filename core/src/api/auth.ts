import { CodedError } from '@startd/base/errors.ts'
import type { ServerDb } from '../db/index.ts'
import { CLEARED_SESSION_COOKIE, sessionCookie } from '../rpc/cookies.ts'
import type { Handlers } from '../rpc/handlers.ts'
import { hashPassword, verifyPassword } from '../rpc/passwords.ts'
import { sessionId, type Sessions } from '../rpc/sessions.ts'
import { checkPassword } from '../setup/first-boot.ts'
import { plainPassword } from './plain-password.ts'

/** rpc.md §7.4. */
export function authHandlers({ db, sessions }: { db: ServerDb; sessions: Sessions }) {
  /** Answers the hash that the password fits. It takes a while to compute, in which the password may be changed. */
  const verify = async (password: string): Promise<string> => {
    const hash = db.peek().private.password
    if (!(await verifyPassword(hash, password))) throw wrongPassword()
    return hash
  }

  return {
    'auth.login': async ({ password, ephemeral }, call) => {
      const hash = await verify(plainPassword(password))
      const session = await sessions.create({ ephemeral, userAgent: call.userAgent })
      if (db.peek().private.password !== hash) {
        await sessions.kill([sessionId(session)])
        throw wrongPassword()
      }
      if (call.kind !== 'local') call.setCookie(sessionCookie(session))
      return { session }
    },
    'auth.logout': async (_params, call) => {
      if (call.session !== null) await sessions.kill([call.session])
      call.setCookie(CLEARED_SESSION_COOKIE)
      return null
    },
    'auth.session.list': (_params, call) => ({ current: call.session, sessions: sessions.list() }),
    'auth.session.kill': async ({ ids }) => {
      await sessions.kill(ids)
      return null
    },
    'auth.reset-password': async ({ oldPassword, newPassword }, call) => {
      const old = await verify(plainPassword(oldPassword))
      const chosen = plainPassword(newPassword)
      checkPassword(chosen)
      const hash = await hashPassword(chosen)
      await db.mutate((draft) => {
        if (draft.private.password !== old) throw wrongPassword()
        draft.private.password = hash
        draft.public.serverInfo.passwordHash = hash
      })
      // Whoever knew the old password must not stay: only the caller's own login goes on.
      await sessions.kill(Object.keys(sessions.list()).filter((id) => id !== call.session))
      return null
    },
  } satisfies Handlers
}

function wrongPassword(): CodedError {
  return new CodedError('IncorrectPassword', 'This is not the password of this server')
}
