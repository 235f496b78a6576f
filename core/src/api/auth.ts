import type { ServerDb } from '../db/index.ts'
import { CLEARED_SESSION_COOKIE, sessionCookie } from '../rpc/cookies.ts'
import type { Handlers } from '../rpc/handlers.ts'
import { hashPassword } from '../rpc/passwords.ts'
import { sessionId, type Sessions } from '../rpc/sessions.ts'
import { checkPassword } from '../setup/first-boot.ts'
import type { SigningKeys } from './auth-keys.ts'
import { type PasswordCheck, wrongPassword } from './password-check.ts'
import { plainPassword } from './plain-password.ts'

interface AuthParts {
  db: ServerDb
  sessions: Sessions
  passwords: PasswordCheck
  keys: SigningKeys
}

/** rpc.md §7.4. */
export function authHandlers({ db, sessions, passwords, keys }: AuthParts) {
  return {
    'auth.login': async ({ password, ephemeral }, call) => {
      const hash = await passwords.demand(password)
      const session = await sessions.create({ ephemeral, userAgent: call.userAgent })
      if (db.peek().private.password !== hash) {
        await sessions.kill([sessionId(session)])
        throw wrongPassword()
      }
      if (call.kind !== 'local' && call.kind !== 'signature') call.setCookie(sessionCookie(session))
      return { session }
    },
    'auth.logout': async (_params, call) => {
      if (call.kind === 'session' && call.session !== null) await sessions.kill([call.session])
      call.setCookie(CLEARED_SESSION_COOKIE)
      return null
    },
    'auth.session.list': (_params, call) => ({
      current: call.kind === 'session' ? call.session : null,
      sessions: sessions.list(),
    }),
    'auth.session.kill': async ({ ids }) => {
      await sessions.kill(ids)
      return null
    },
    'auth.key.list': () => keys.list(),
    'auth.key.add': async ({ key, password }, call) => {
      const hash = await passwords.demandAgain(password, call)
      return { id: await keys.add(key, hash) }
    },
    'auth.key.remove': async ({ ids }) => {
      await keys.remove(ids)
      return null
    },
    'auth.reset-password': async ({ oldPassword, newPassword }, call) => {
      const old = await passwords.demandAgain(oldPassword, call)
      const chosen = plainPassword(newPassword)
      checkPassword(chosen)
      const hash = await hashPassword(chosen)
      await db.mutate((draft) => {
        if (draft.private.password !== old) throw wrongPassword()
        draft.private.password = hash
        draft.public.serverInfo.passwordHash = hash
      })
      // Whoever knew the old password must not stay, and may have left a key: only the caller's own login goes on.
      await sessions.kill(Object.keys(sessions.list()).filter((id) => id !== call.session))
      await keys.remove(
        keys
          .list()
          .filter(({ id, server }) => !server && id !== call.session)
          .map(({ id }) => id),
      )
      return null
    },
  } satisfies Handlers
}
