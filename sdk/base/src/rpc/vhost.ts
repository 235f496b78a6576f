import { z } from 'zod'
import { GatewayId, Port } from '../ids.ts'
import { Fqdn } from './host.ts'
import { method, type Methods } from './method.ts'
import { alsoNamed, None, Nothing } from './params.ts'

const hostname = Fqdn
const listenPort = Port.describe('Port that this server listens on')

/** These parameters are in kebab-case on the wire, unlike all others. */
const CAMEL = {
  listenPort: 'listen-port',
  publicGateway: 'public-gateway',
  privateIp: 'private-ip',
}

export const PassthroughInfo = z.object({
  hostname: z.string(),
  listenPort: Port,
  backend: z.string(),
  publicGateways: z.array(z.string()),
  privateIps: z.array(z.string()),
})

/** rpc-methods.md §3.4. */
export const vhostMethods = {
  'net.vhost.dump-table': method(
    'Show which name leads where, by port',
    None,
    z.record(z.string(), z.record(z.string(), z.array(z.string()))),
    { mark: 'LATER', cli: { positional: [], examples: ['start-cli net vhost dump-table'] } },
  ),
  'net.vhost.add-passthrough': method(
    'Pass the encrypted connections for a name on to another machine',
    alsoNamed(
      CAMEL,
      z.object({
        hostname,
        'listen-port': listenPort,
        backend: z.string().max(256).describe('Where they go: address:port'),
        'public-gateway': z.array(GatewayId).max(64).describe('Networks that it is open to the internet on'),
        'private-ip': z
          .array(z.string().max(64))
          .max(64)
          .describe('Own addresses that it is open at home on'),
      }),
    ),
    Nothing,
    {
      mark: 'LATER',
      cli: {
        positional: [],
        examples: [
          'start-cli net vhost add-passthrough --hostname nas.example.com --listen-port 443 --backend 192.168.1.7:443',
        ],
      },
    },
  ),
  'net.vhost.remove-passthrough': method(
    'End such passing on',
    alsoNamed(CAMEL, z.object({ hostname, 'listen-port': listenPort })),
    Nothing,
    {
      mark: 'LATER',
      cli: {
        positional: [],
        examples: ['start-cli net vhost remove-passthrough --hostname nas.example.com --listen-port 443'],
      },
    },
  ),
  'net.vhost.list-passthrough': method(
    'Show which connections are passed on',
    None,
    z.array(PassthroughInfo),
    {
      mark: 'LATER',
      cli: {
        positional: [],
        table: ['hostname', 'listenPort', 'backend', 'publicGateways', 'privateIps'],
        examples: ['start-cli net vhost list-passthrough'],
      },
    },
  ),
} as const satisfies Methods
