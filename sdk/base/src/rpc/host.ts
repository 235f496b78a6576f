import { z } from 'zod'
import type { HostnameInfo as HostnameInfoType } from '../host-schemas.ts'
import { AddSslOptions } from '../host-schemas.ts'
import { GatewayId, HostId, PackageId, Port } from '../ids.ts'
import { maybe, orElse } from './params.ts'

export const Fqdn = z.string().min(1).max(253).describe('Full domain name, such as cloud.example.com')
const gateway = GatewayId.describe('Network that it is reached through, from “net gateway list”')
/** `letsencrypt`, `letsencrypt-staging`, or the URL of a directory. */
export const AcmeProvider = z.string().min(1).max(4096)
const GuaAccess = z.enum(['disabled', 'lan', 'lan-wan'])
const id = z.string().max(256)
const gateways = z.array(z.string().max(64)).max(1000)

/** rpc-methods.md §5.2. */
export const HostnameMetadata = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ipv4'), gateway: z.string().max(64) }),
  z.object({ kind: z.literal('ipv6'), gateway: z.string().max(64), scopeId: z.int().nonnegative() }),
  z.object({ kind: z.literal('mdns'), gateways }),
  z.object({ kind: z.literal('private-domain'), gateways }),
  z.object({ kind: z.literal('public-domain'), gateway: z.string().max(64) }),
  z.object({
    kind: z.literal('plugin'),
    packageId: id,
    removeAction: maybe(id),
    overflowActions: z.array(id).max(1000),
    info: z.unknown(),
  }),
])
export const HostnameInfo = z.object({
  ssl: z.boolean(),
  public: z.boolean(),
  hostname: z.string().max(4096),
  port: maybe(Port),
  metadata: HostnameMetadata,
}) satisfies z.ZodType<HostnameInfoType>

/** One domain of a host. */
export const HostAddress = z.object({
  address: z.string(),
  public: z.object({ gateway: z.string(), acme: z.string().nullable() }).nullable(),
  private: z.array(z.string()).nullable(),
})
export type HostAddress = z.infer<typeof HostAddress>

/** One port of a host, with every name and address under which it answers. */
export const BindInfo = z.object({
  enabled: z.boolean(),
  options: z.object({
    preferredExternalPort: Port,
    addSsl: AddSslOptions.nullable(),
    secure: z.object({ ssl: z.boolean() }).nullable(),
  }),
  net: z.object({ assignedPort: Port.nullable(), assignedSslPort: Port.nullable() }),
  addresses: z.object({
    enabled: z.array(z.string()),
    disabled: z.array(z.tuple([z.string(), Port])),
    guaAccess: z.record(z.string(), GuaAccess),
    available: z.array(HostnameInfo),
  }),
  interfaces: z.record(z.string(), z.unknown()),
})
/** By internal port. */
export const Bindings = z.record(z.string(), BindInfo)

export const CheckPortRes = z.object({
  ip: z.string(),
  port: Port,
  openExternally: z.boolean(),
  openInternally: z.boolean(),
  hairpinning: z.boolean(),
})
/** `dns` is what the name resolves to; null when it does not. */
export const AddPublicDomainRes = z.object({ dns: z.string().nullable(), port: CheckPortRes })

/** Says which host of which service is meant. */
export const OfPackage = {
  package: PackageId.describe('Id of the service, from “package list”'),
  host: HostId.describe('From “package host list”'),
}

const internalPort = Port.describe('Port inside, from “host binding list”')
const address = HostnameInfo.describe('One of “addresses.available” of the binding, as JSON')

/** An address as it is given on the command line. */
export const EXAMPLE_ADDRESS = JSON.stringify({
  ssl: false,
  public: false,
  hostname: '192.168.1.5',
  port: 80,
  metadata: { kind: 'ipv4', gateway: 'eth0' },
} satisfies HostnameInfoType)

/** Parameters of the methods that a server's host and the hosts of services have in common. */
export const HostParams = {
  addPublicDomain: {
    fqdn: Fqdn,
    acme: maybe(AcmeProvider).describe('Who certifies it: letsencrypt, letsencrypt-staging or a URL'),
    gateway,
    internalPort,
  },
  addPrivateDomain: { fqdn: Fqdn, gateway },
  removeDomain: { fqdn: Fqdn },
  setAddressEnabled: {
    internalPort,
    address,
    enabled: orElse(z.boolean(), true).meta({ description: 'On, or off with “false”', value: true }),
  },
  setGuaAccess: { internalPort, address, access: GuaAccess.describe('Who may reach it') },
}
