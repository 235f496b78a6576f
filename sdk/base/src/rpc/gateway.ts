import { z } from 'zod'
import { GatewayId, Port } from '../ids.ts'
import type { NetworkInterfaceInfo as NetworkInterfaceInfoType } from '../model.ts'
import { CheckPortRes, Fqdn } from './host.ts'
import { method, type Methods } from './method.ts'
import { maybe, None, Nothing } from './params.ts'

const gateway = GatewayId.describe('From “net gateway list”')
const id = gateway
const config = z.string().max(65536).describe('Text of a WireGuard configuration')

/** A network that this machine is or was in; `ipInfo` is null while it is not connected (rpc-methods.md §5.2). */
export const NetworkInterfaceInfo = z.object({
  name: z.string().nullable(),
  secure: z.boolean().nullable(),
  ipInfo: z
    .object({
      name: z.string(),
      scopeId: z.int(),
      deviceType: z.enum(['ethernet', 'wireless', 'bridge', 'wireguard', 'loopback']).nullable(),
      subnets: z.array(z.string()),
      lanIp: z.array(z.string()),
      wanIp: z.string().nullable(),
      ntpServers: z.array(z.string()),
      dnsServers: z.array(z.string()),
    })
    .nullable(),
  type: z.enum(['inbound-outbound', 'outbound-only']).nullable(),
}) satisfies z.ZodType<NetworkInterfaceInfoType>

/** rpc-methods.md §3.4: the networks of this machine, and tunnels as further ones. */
export const gatewayMethods = {
  'net.gateway.list': method(
    'Show the networks that this machine is in',
    None,
    z.record(z.string(), NetworkInterfaceInfo),
    {
      cli: {
        positional: [],
        table: ['id', 'name', 'type', 'secure', 'ipInfo'],
        examples: ['start-cli net gateway list'],
      },
    },
  ),
  'net.gateway.forget': method('Forget a network that is gone', z.object({ gateway }), Nothing, {
    sync: true,
    cli: { positional: ['gateway'], examples: ['start-cli net gateway forget eth1'] },
  }),
  'net.gateway.set-name': method(
    'Give a network a name',
    z.object({ id, name: z.string().max(256) }),
    Nothing,
    {
      sync: true,
      cli: { positional: ['id', 'name'], examples: ['start-cli net gateway set-name eth0 "Home"'] },
    },
  ),
  'net.gateway.check-port': method(
    'Test whether a port can be reached from the internet',
    z.object({ port: Port, gateway }),
    CheckPortRes,
    {
      cli: { positional: ['port', 'gateway'], examples: ['start-cli net gateway check-port 443 eth0'] },
    },
  ),
  'net.gateway.check-dns': method(
    'Test whether a network’s DNS leads a name to this server',
    z.object({ gateway, fqdn: Fqdn }),
    z.boolean(),
    {
      cli: {
        positional: ['gateway', 'fqdn'],
        examples: ['start-cli net gateway check-dns eth0 attic.home.arpa'],
      },
    },
  ),
  'net.gateway.set-default-outbound': method(
    'Choose the network that services go out through',
    z.object({
      gateway: maybe(GatewayId).describe('From “net gateway list”; chosen by itself unless given'),
    }),
    Nothing,
    {
      sync: true,
      cli: { positional: ['gateway?'], examples: ['start-cli net gateway set-default-outbound wg0'] },
    },
  ),
  'net.tunnel.add': method(
    'Join a network by a WireGuard tunnel',
    z.object({
      name: z.string().max(256).describe('Name for people'),
      config,
      type: maybe(z.enum(['inbound-outbound', 'outbound-only'])).describe(
        'Whether services can be reached through it; seen from the configuration unless given',
      ),
      setAsDefaultOutbound: z.boolean().describe('Services go out through it'),
    }),
    z.string(),
    {
      cli: {
        positional: ['name', 'config', 'type?'],
        examples: ['start-cli net tunnel add "My VPN" "$(cat vpn.conf)" outbound-only'],
      },
    },
  ),
  'net.tunnel.remove': method('Leave a tunnel', z.object({ id }), Nothing, {
    cli: { positional: ['id'], examples: ['start-cli net tunnel remove wg0'] },
  }),
  'net.tunnel.update': method('Give a tunnel another configuration', z.object({ id, config }), Nothing, {
    cli: { positional: ['id', 'config'], examples: ['start-cli net tunnel update wg0 "$(cat vpn.conf)"'] },
  }),
} as const satisfies Methods
