import type { ServerDb } from '../db/index.ts'
import type { Handlers } from '../rpc/handlers.ts'
import { sendMail } from '../system/mail.ts'

const TEST = {
  subject: 'Test mail of your server',
  text: 'Your server can send mails: you have asked it for this one on its settings page.\n',
}

/** rpc-methods.md §3.2: the mail server that the owner and services send with. */
export function mailHandlers(db: ServerDb) {
  return {
    'server.set-smtp': async (smtp) => {
      await db.mutate(({ public: { serverInfo } }) => {
        serverInfo.smtp = smtp
      })
      return null
    },
    'server.clear-smtp': async () => {
      await db.mutate(({ public: { serverInfo } }) => {
        serverInfo.smtp = null
      })
      return null
    },
    'server.test-smtp': async ({ to, ...server }) => {
      await sendMail(server, { to, ...TEST })
      return null
    },
  } satisfies Handlers
}
