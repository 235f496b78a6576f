import { z } from 'zod'
import { method, type Methods } from './method.ts'
import { alsoNamed, None, Nothing, orElse, Password, password, PublicJwk, Time } from './params.ts'

export const SessionInfo = z.object({ loggedIn: Time, lastActive: Time, userAgent: z.string().nullable() })
export const SessionList = z.object({
  /** Id of the caller's own session; null for a caller without one. */
  current: z.string().nullable(),
  sessions: z.record(z.string(), SessionInfo),
})

/** A key that may sign requests; `server`: the one of the server itself. */
export const SigningKey = z.object({ id: z.string(), key: z.string(), server: z.boolean() })

/** rpc-methods.md §3.5. Session ids are the hashed ones; the token itself is only ever in the cookie. */
export const authMethods = {
  'auth.login': method(
    'Log in with the server’s password',
    z.object({
      password: Password,
      ephemeral: orElse(z.boolean(), false).describe('Forget it when the server restarts'),
    }),
    z.object({ session: z.string() }),
    {
      auth: 'login',
      cli: {
        positional: [],
        custom: true,
        examples: [
          'start-cli auth login',
          'PASSWORD=… start-cli --host http://192.168.1.5 auth login',
          'start-cli --host http://192.168.1.5 auth login --key',
        ],
      },
    },
  ),
  'auth.logout': method('End this login', None, Nothing, {
    getSession: true,
    cli: { positional: [], examples: ['start-cli auth logout'] },
  }),
  'auth.session.list': method('Show who is logged in', None, SessionList, {
    getSession: true,
    cli: {
      positional: [],
      table: ['id', 'loggedIn', 'lastActive', 'userAgent'],
      rows: 'sessions',
      examples: ['start-cli auth session list'],
    },
  }),
  'auth.session.kill': method(
    'End other logins',
    z.object({ ids: z.array(z.string().max(256)).max(10_000).describe('From “auth session list”') }),
    Nothing,
    {
      cli: {
        positional: ['ids…'],
        examples: ['start-cli auth session kill tf3nksnckek5vnhdnugb7ohtdsyh3kd53azhlf3tmdvx3qe6rdpa'],
      },
    },
  ),
  'auth.key.list': method('Show which keys may sign requests', None, z.array(SigningKey), {
    mark: 'LATER',
    cli: { positional: [], table: ['id', 'server'], examples: ['start-cli auth key list'] },
  }),
  'auth.key.add': method(
    'Let the owner of a key control this server without password',
    z.object({
      key: z.string().max(1024).describe('Public part of an Ed25519 key, as “start-cli pubkey” shows it'),
      password: orElse(password('Of this server; root of its machine may leave it out'), ''),
    }),
    z.object({ id: z.string() }),
    {
      mark: 'LATER',
      cli: { positional: ['key'], custom: true, examples: ['start-cli auth key add "$(start-cli pubkey)"'] },
    },
  ),
  'auth.key.remove': method(
    'Take keys their control',
    z.object({ ids: z.array(z.string().max(256)).max(1000).describe('From “auth key list”') }),
    Nothing,
    {
      mark: 'LATER',
      cli: {
        positional: ['ids…'],
        examples: ['start-cli auth key remove SHA256:Vkdap1RjR0wChd9dvyvKtz2mUTWIOem3dIGy6rEHcIw'],
      },
    },
  ),
  'auth.reset-password': method(
    'Change the server’s password',
    alsoNamed(
      { 'old-password': 'oldPassword', 'new-password': 'newPassword' },
      z.object({ oldPassword: orElse(Password, ''), newPassword: orElse(Password, '') }),
    ),
    Nothing,
    {
      getSession: true,
      cli: {
        positional: [],
        custom: true,
        examples: ['start-cli auth reset-password', 'start-cli auth reset-password --forgotten'],
      },
    },
  ),
  'auth.get-pubkey': method('Get the key that secrets can be wrapped with', None, PublicJwk, {
    auth: 'public',
    cli: { positional: [], examples: ['start-cli auth get-pubkey'] },
  }),
} as const satisfies Methods
