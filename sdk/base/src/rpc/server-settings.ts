import { z } from 'zod'
import { Port } from '../ids.ts'
import { method, type Methods } from './method.ts'
import { alsoNamed, maybe, None, Nothing, orElse, secret, Url } from './params.ts'

const text = z.string().max(1024)
export const Language = z.enum(['en_US', 'de_DE', 'es_ES', 'fr_FR', 'pl_PL'])

/** rpc-methods.md §5.4. */
export const KeyboardOptions = z.object({
  layout: text.min(1).describe('Such as “us” or “de”'),
  keymap: maybe(text).meta({ description: 'Key map of the console; the layout unless given', short: 'k' }),
  model: maybe(text).meta({ description: 'Keyboard model, such as “pc105”', short: 'm' }),
  variant: maybe(text).meta({ description: 'Variant of the layout, such as “nodeadkeys”', short: 'v' }),
  options: orElse(z.array(text).max(64), []).meta({ description: 'Options of the layout', short: 'o' }),
})

const mail = {
  port: Port.describe('Port of the mail server, mostly 587 or 465'),
  from: text.describe('Address that mails come from'),
  security: orElse(z.enum(['starttls', 'tls']), 'starttls').describe('How the connection is protected'),
}
const host = text.min(1).describe('Name of the mail server')
const username = text.describe('Login at the mail server')

const SmtpValue = z.object({ host, ...mail, username, password: maybe(secret('Password of the mailbox')) })
export const SmtpSettings = alsoNamed({ server: 'host', login: 'username' }, SmtpValue)
export const TestSmtpParams = z.object({
  host,
  ...mail,
  username,
  password: secret('Password of the mailbox'),
  to: text.describe('Who gets the test mail'),
})

/** rpc-methods.md §3.2: what the owner sets. */
export const serverSettingMethods = {
  'server.set-hostname': method(
    'Give the server another name',
    z.object({
      name: maybe(z.string().max(256)).describe('Name for people, such as “Attic Server”'),
      hostname: maybe(z.string().max(256)).describe('Name on the network: a-z, 0-9 and dashes'),
    }),
    Nothing,
    {
      cli: {
        positional: ['name?', 'hostname?'],
        examples: ['start-cli server set-hostname "Attic Server"', 'start-cli server set-hostname "" attic'],
      },
    },
  ),
  'server.set-language': method('Choose the server’s language', z.object({ language: Language }), Nothing, {
    cli: { positional: ['language'], examples: ['start-cli server set-language de_DE'] },
  }),
  'server.set-keyboard': method('Choose the layout of a keyboard at this machine', KeyboardOptions, Nothing, {
    mark: 'HW',
    cli: { positional: ['layout'], examples: ['start-cli server set-keyboard de -v nodeadkeys'] },
  }),
  'server.set-smtp': method('Choose the mail server that mails are sent with', SmtpSettings, Nothing, {
    cli: {
      positional: ['host'],
      examples: [
        'start-cli server set-smtp mail.example.com --port 587 --from attic@example.com --username attic',
      ],
    },
  }),
  'server.test-smtp': method('Send a test mail', TestSmtpParams, Nothing, {
    cli: {
      positional: ['host'],
      examples: [
        'start-cli server test-smtp mail.example.com --port 587 --from attic@example.com --username attic --to me@example.com',
      ],
    },
  }),
  'server.clear-smtp': method('Forget the mail server', None, Nothing, {
    cli: { positional: [], examples: ['start-cli server clear-smtp'] },
  }),
  'server.set-echoip-urls': method(
    'Choose the services that tell this server its public address',
    z.object({ urls: z.array(Url).max(32) }),
    Nothing,
    {
      mark: 'LATER',
      cli: {
        positional: ['urls?…'],
        examples: ['start-cli server set-echoip-urls https://ipconfig.io https://ifconfig.co'],
      },
    },
  ),
} as const satisfies Methods
