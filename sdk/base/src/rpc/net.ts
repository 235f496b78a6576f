import { z } from 'zod'
import { AcmeProvider, Fqdn } from './host.ts'
import { method, type Methods } from './method.ts'
import { maybe, Nothing, None, orElse } from './params.ts'

const provider = AcmeProvider.describe('letsencrypt, letsencrypt-staging, or the URL of its directory')

/** rpc-methods.md §3.4: names and certificates. */
export const netMethods = {
  'net.acme.init': method(
    'Open an account with a certificate authority',
    z.object({
      provider,
      contact: z.array(z.string().max(320)).max(32).describe('E-mail address that it may write to'),
    }),
    Nothing,
    {
      sync: true,
      cli: {
        positional: [],
        examples: ['start-cli net acme init --provider letsencrypt --contact me@example.com'],
      },
    },
  ),
  'net.acme.remove': method('Forget a certificate authority', z.object({ provider }), Nothing, {
    sync: true,
    cli: { positional: [], examples: ['start-cli net acme remove --provider letsencrypt'] },
  }),
  'net.dns.query': method(
    'Look a name up, as this server sees it',
    z.object({ fqdn: Fqdn }),
    z.string().nullable(),
    {
      contexts: ['running', 'init', 'diagnostic', 'setup'],
      cli: { positional: ['fqdn'], examples: ['start-cli net dns query example.com'] },
    },
  ),
  'net.dns.set-static': method(
    'Choose the DNS servers that this server asks',
    z.object({
      servers: maybe(z.array(z.string().max(64)).max(16)).describe(
        'Addresses, with port if it is not 53; those of the network unless given',
      ),
    }),
    Nothing,
    {
      cli: {
        positional: ['servers?…'],
        examples: ['start-cli net dns set-static 1.1.1.1 9.9.9.9', 'start-cli net dns set-static'],
      },
    },
  ),
  'net.dns.dump-table': method(
    'Show the names that this server’s own DNS answers; null stands for this server',
    None,
    z.record(z.string(), z.string().nullable()),
    {
      mark: 'LATER',
      cli: { positional: [], table: ['name', 'address'], examples: ['start-cli net dns dump-table'] },
    },
  ),
  'net.forward.dump-table': method(
    'Show the ports that are passed on',
    None,
    z.record(z.string(), z.object({ target: z.string(), target_prefix: z.int(), reqs: z.string() })),
    {
      mark: 'LATER',
      cli: {
        positional: [],
        table: ['id', 'target', 'target_prefix', 'reqs'],
        examples: ['start-cli net forward dump-table'],
      },
    },
  ),
  'net.ssl.generate-certificate': method(
    'Make a certificate of this server’s own authority',
    z.object({
      hostnames: z.array(Fqdn).max(100),
      ed25519: orElse(z.boolean(), false).describe('With an Ed25519 key instead of P-256'),
    }),
    z.object({ key: z.string(), fullchain: z.string() }),
    {
      mark: 'LATER',
      cli: {
        positional: ['hostnames?…'],
        examples: ['start-cli net ssl generate-certificate attic.home.arpa'],
      },
    },
  ),
} as const satisfies Methods
