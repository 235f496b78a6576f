import { CodedError } from '@startd/base/errors.ts'
import type { ServerDb } from '../db/index.ts'
import type { Continuations } from '../rpc/continuations.ts'
import { CLEARED_SESSION_COOKIE, sessionCookie } from '../rpc/cookies.ts'
import type { Handlers } from '../rpc/handlers.ts'
import { hashPassword, verifyPassword } from '../rpc/passwords.ts'
import type { Sessions } from '../rpc/sessions.ts'
import { checkPassword } from '../setup/first-boot.ts'
import { plainPassword } from './plain-password.ts'

/** rpc.md §7.4. */
export function authHandlers(parts: { db: ServerDb; sessions: Sessions; continuations: Continuations }) {
  const { db, sessions, continuations } = parts

  const kill = async (ids: readonly string[]) => {
    await sessions.kill(ids)
    continuations.kill(ids)
  }
  const verify = async (password: string) => {
    if (!(await verifyPassword(db.peek().private.password, password))) {
      throw new CodedError('IncorrectPassword', 'This is not the password of this server')
    }
  }

  return {
    'auth.login': async ({ password, ephemeral }, call) => {
      await verify(plainPassword(password))
      const session = await sessions.create({ ephemeral, userAgent: call.userAgent })
      if (call.kind !== 'local') call.setCookie(sessionCookie(session))
      return { session }
    },
    'auth.logout': async (_params, call) => {
      if (call.session !== null) await kill([call.session])
      call.setCookie(CLEARED_SESSION_COOKIE)
      return null
    },
    'auth.session.list': (_params, call) => ({ current: call.session, sessions: sessions.list() }),
    'auth.session.kill': async ({ ids }) => {
      await kill(ids)
      return null
    },
    'auth.reset-password': async ({ oldPassword, newPassword }, call) => {
      await verify(plainPassword(oldPassword))
      const chosen = plainPassword(newPassword)
      checkPassword(chosen)
      const hash = await hashPassword(chosen)
      await db.mutate((draft) => {
        draft.private.password = hash
        draft.public.serverInfo.passwordHash = hash
      })
      // Whoever knew the old password must not stay: only the caller's own login goes on.
      await kill(Object.keys(sessions.list()).filter((id) => id !== call.session))
      return null
    },
  } satisfies Handlers
}
