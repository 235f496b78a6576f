import { z } from 'zod'
import { GatewayId, PackageId } from '../ids.ts'
import { AddPublicDomainRes, Bindings, EXAMPLE_ADDRESS, HostAddress, HostParams, OfPackage } from './host.ts'
import { method, type Methods } from './method.ts'
import { maybe, Nothing } from './params.ts'

const domains = 'start-cli package host address domain'
const binding = 'start-cli package host binding'

/** rpc-methods.md §3.3: names, addresses and ways out of services. */
export const packageHostMethods = {
  'package.host.list': method(
    'Show the hosts of a service',
    z.object({ package: OfPackage.package }),
    z.array(z.string()),
    { cli: { positional: ['package'], examples: ['start-cli package host list hello-world'] } },
  ),
  'package.host.address.list': method(
    'Show the domains of a service',
    z.object(OfPackage),
    z.array(HostAddress),
    {
      cli: {
        positional: ['package', 'host'],
        table: ['address', 'public', 'private'],
        examples: ['start-cli package host address list hello-world main'],
      },
    },
  ),
  'package.host.address.domain.public.add': method(
    'Open a service under a domain on the internet, and test it',
    z.object({ ...OfPackage, ...HostParams.addPublicDomain }),
    AddPublicDomainRes,
    {
      sync: true,
      cli: {
        positional: ['package', 'host', 'fqdn', 'gateway', 'internalPort'],
        examples: [`${domains} public add hello-world main hello.example.com eth0 80 --acme letsencrypt`],
      },
    },
  ),
  'package.host.address.domain.public.remove': method(
    'Give up a service’s domain on the internet',
    z.object({ ...OfPackage, ...HostParams.removeDomain }),
    Nothing,
    {
      sync: true,
      cli: {
        positional: ['package', 'host', 'fqdn'],
        examples: [`${domains} public remove hello-world main hello.example.com`],
      },
    },
  ),
  'package.host.address.domain.private.add': method(
    'Open a service under a domain at home; tells whether it resolves to here',
    z.object({ ...OfPackage, ...HostParams.addPrivateDomain }),
    z.boolean(),
    {
      sync: true,
      cli: {
        positional: ['package', 'host', 'fqdn', 'gateway'],
        examples: [`${domains} private add hello-world main hello.home.arpa eth0`],
      },
    },
  ),
  'package.host.address.domain.private.remove': method(
    'Give up a service’s domain at home',
    z.object({ ...OfPackage, ...HostParams.removeDomain }),
    Nothing,
    {
      sync: true,
      cli: {
        positional: ['package', 'host', 'fqdn'],
        examples: [`${domains} private remove hello-world main hello.home.arpa`],
      },
    },
  ),
  'package.host.binding.list': method('Show the ports of a service', z.object(OfPackage), Bindings, {
    cli: {
      positional: ['package', 'host'],
      table: ['id', 'enabled', 'net'],
      examples: [`${binding} list hello-world main`],
    },
  }),
  'package.host.binding.set-address-enabled': method(
    'Turn one address of a service on or off',
    z.object({ ...OfPackage, ...HostParams.setAddressEnabled }),
    Nothing,
    {
      sync: true,
      cli: {
        positional: ['package', 'host', 'internalPort'],
        examples: [
          `${binding} set-address-enabled hello-world main 80 --address '${EXAMPLE_ADDRESS}' --enabled false`,
        ],
      },
    },
  ),
  'package.host.binding.set-range-address-enabled': method(
    'Turn one address of a service’s range of ports on or off',
    z.object({ ...OfPackage, ...HostParams.setAddressEnabled }),
    Nothing,
    {
      mark: 'LATER',
      sync: true,
      cli: {
        positional: ['package', 'host', 'internalPort'],
        examples: [
          `${binding} set-range-address-enabled hello-world main 5000 --address '${EXAMPLE_ADDRESS}'`,
        ],
      },
    },
  ),
  'package.host.binding.set-gua-access': method(
    'Choose from where a service’s global IPv6 address can be reached',
    z.object({ ...OfPackage, ...HostParams.setGuaAccess }),
    Nothing,
    {
      sync: true,
      cli: {
        positional: ['package', 'host', 'internalPort'],
        examples: [
          `${binding} set-gua-access hello-world main 80 --address '${EXAMPLE_ADDRESS}' --access lan`,
        ],
      },
    },
  ),
  'package.set-outbound-gateway': method(
    'Choose the network that a service goes out through',
    z.object({
      package: PackageId.describe('Id of the service, from “package list”'),
      gateway: maybe(GatewayId).describe('From “net gateway list”; the server’s own choice unless given'),
    }),
    Nothing,
    {
      sync: true,
      cli: {
        positional: ['package', 'gateway?'],
        examples: ['start-cli package set-outbound-gateway hello-world wg0'],
      },
    },
  ),
} as const satisfies Methods
