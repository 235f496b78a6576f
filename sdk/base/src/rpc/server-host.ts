import { z } from 'zod'
import { AddPublicDomainRes, Bindings, EXAMPLE_ADDRESS, HostAddress, HostParams } from './host.ts'
import { method, type Methods } from './method.ts'
import { None, Nothing } from './params.ts'

const domains = 'start-cli server host address domain'
const binding = 'start-cli server host binding'

/** rpc-methods.md §3.2: names and addresses of the server's own pages. */
export const serverHostMethods = {
  'server.host.address.list': method('Show the domains of this server', None, z.array(HostAddress), {
    cli: {
      positional: [],
      table: ['address', 'public', 'private'],
      examples: ['start-cli server host address list'],
    },
  }),
  'server.host.address.domain.public.add': method(
    'Open this server’s pages under a domain on the internet, and test it',
    z.object(HostParams.addPublicDomain),
    AddPublicDomainRes,
    {
      sync: true,
      cli: {
        positional: ['fqdn', 'gateway', 'internalPort'],
        examples: [`${domains} public add attic.example.com eth0 80 --acme letsencrypt`],
      },
    },
  ),
  'server.host.address.domain.public.remove': method(
    'Give up a domain on the internet',
    z.object(HostParams.removeDomain),
    Nothing,
    { sync: true, cli: { positional: ['fqdn'], examples: [`${domains} public remove attic.example.com`] } },
  ),
  'server.host.address.domain.private.add': method(
    'Open this server’s pages under a domain at home; tells whether it resolves to here',
    z.object(HostParams.addPrivateDomain),
    z.boolean(),
    {
      sync: true,
      cli: { positional: ['fqdn', 'gateway'], examples: [`${domains} private add attic.home.arpa eth0`] },
    },
  ),
  'server.host.address.domain.private.remove': method(
    'Give up a domain at home',
    z.object(HostParams.removeDomain),
    Nothing,
    { sync: true, cli: { positional: ['fqdn'], examples: [`${domains} private remove attic.home.arpa`] } },
  ),
  'server.host.binding.list': method('Show the ports of this server’s pages', None, Bindings, {
    cli: { positional: [], table: ['id', 'enabled', 'net'], examples: [`${binding} list`] },
  }),
  'server.host.binding.set-address-enabled': method(
    'Turn one address of this server’s pages on or off',
    z.object(HostParams.setAddressEnabled),
    Nothing,
    {
      sync: true,
      cli: {
        positional: ['internalPort'],
        examples: [`${binding} set-address-enabled 80 --address '${EXAMPLE_ADDRESS}' --enabled false`],
      },
    },
  ),
  'server.host.binding.set-range-address-enabled': method(
    'Turn one address of a range of ports on or off',
    z.object(HostParams.setAddressEnabled),
    Nothing,
    {
      mark: 'LATER',
      sync: true,
      cli: {
        positional: ['internalPort'],
        examples: [`${binding} set-range-address-enabled 5000 --address '${EXAMPLE_ADDRESS}'`],
      },
    },
  ),
  'server.host.binding.set-gua-access': method(
    'Choose from where a global IPv6 address can be reached',
    z.object(HostParams.setGuaAccess),
    Nothing,
    {
      sync: true,
      cli: {
        positional: ['internalPort'],
        examples: [`${binding} set-gua-access 80 --address '${EXAMPLE_ADDRESS}' --access lan`],
      },
    },
  ),
} as const satisfies Methods
