import { CodedError } from '@startd/base/errors.ts'
import type { SmtpValue } from '@startd/base/model.ts'

export interface Mail {
  readonly to: string
  readonly subject: string
  readonly text: string
}

/** How long a mail server may take for one step, in ms. */
const PATIENCE = 15_000

/**
 * Sends one mail; fulfils when the mail server has taken it. The connection is always encrypted, from its start
 * (`tls`, RFC 8314) or before anything is said (`starttls`, RFC 3207), and the server's certificate must be good for
 * its name. Throws Smtp.
 */
export async function sendMail(server: SmtpValue, { to, subject, text }: Mail): Promise<void> {
  const { host, port, security, from, username, password } = server
  // Most servers never send a mail: the library takes memory only once it is needed.
  const { createTransport } = await import('nodemailer')
  const transport = createTransport({
    host,
    port,
    secure: security === 'tls',
    requireTLS: true,
    tls: { minVersion: 'TLSv1.2' },
    ...(username === '' ? {} : { auth: { user: username, pass: password ?? '' } }),
    dnsTimeout: PATIENCE,
    connectionTimeout: PATIENCE,
    greetingTimeout: PATIENCE,
    socketTimeout: PATIENCE,
    // A mail is what we have made here: nothing in it may make the library read files or ask the web.
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  try {
    await transport.sendMail({ from, to, subject, text })
  } catch (error) {
    throw new CodedError('Smtp', describe(error, server), { cause: error })
  } finally {
    transport.close()
  }
}

function describe(error: unknown, { host, port, security }: SmtpValue): string {
  const { code, response, message } = error as Error & { code?: string; response?: string }
  const place = `${host}:${port}`
  switch (code) {
    case 'EAUTH':
      return `${place} does not know this username and password`
    case 'EENVELOPE':
      return `${place} does not take mails with these addresses: ${response ?? message}`
    case 'EDNS':
    case 'ENOTFOUND':
      return `There is no mail server called ${host}`
    case 'ETLS':
      return `${place} offers no encryption in this way; try “${security === 'tls' ? 'starttls' : 'tls'}”, or another port`
    case 'ETIMEDOUT':
      return `${place} does not answer in time. Check the port, and whether it is “tls” or “starttls”`
    default:
      return `${place}: ${response ?? message}`
  }
}
