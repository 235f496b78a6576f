import { readFile } from 'node:fs/promises'
import { CodedError } from '@startd/base/errors.ts'
import { packagePath } from '../callbacks.ts'
import { entryOf, findEntry, own } from '../model.ts'
import type { EffectsHost, Handlers } from './host.ts'

/** Ports, addresses and gateways (effects.md §11.1, §11.2). */
export function hosts({
  id,
  db,
  bindings,
  callbacks,
  container,
  packages,
  hostAddress,
}: Pick<
  EffectsHost,
  'id' | 'db' | 'bindings' | 'callbacks' | 'container' | 'packages' | 'hostAddress'
>): Handlers<
  | 'bind'
  | 'bind-range'
  | 'clear-bindings'
  | 'get-service-port-forward'
  | 'get-host-info'
  | 'get-container-ip'
  | 'get-os-ip'
  | 'get-outbound-gateway'
> {
  return {
    bind: async (params) => {
      await bindings.bind(id, params)
      return null
    },
    'bind-range': () => {
      throw new CodedError('InvalidRequest', 'ranges of ports cannot be opened on this server yet')
    },
    'clear-bindings': async ({ except }) => {
      await bindings.clear(id, except)
      return null
    },
    'get-service-port-forward': ({ packageId, hostId, internalPort }) => {
      const host = own(entryOf(db.peek(), packageId ?? id).hosts, hostId)
      if (!host) throw new CodedError('NotFound', `there is no host “${hostId}”`)
      const binding = own(host.bindings, String(internalPort))
      if (!binding) throw new CodedError('NotFound', `there is no binding for port ${internalPort}`)
      return binding.net
    },
    'get-host-info': async ({ hostId, packageId, callback }) => {
      const target = packageId ?? id
      callbacks.onChange(callback, packagePath(target, 'hosts', hostId))
      return own(findEntry(db.peek(), target)?.hosts ?? {}, hostId) ?? null
    },
    'get-container-ip': async ({ packageId, callback }) => {
      const target = packageId ?? id
      if (target === id) return container.address
      callbacks.on(callback, (fire) =>
        packages.onContainer(target, (address) => {
          fire([address])
        }),
      )
      return packages.address(target)
    },
    'get-os-ip': () => hostAddress,
    'get-outbound-gateway': async ({ callback }) => {
      callbacks.onChange(callback, ['public', 'serverInfo', 'network'])
      const { outboundGateway } = entryOf(db.peek(), id)
      return (
        outboundGateway ?? db.peek().public.serverInfo.network.defaultOutbound ?? (await defaultGateway())
      )
    },
  }
}

/** Device of the default route with the lowest metric in the main table (proc(5), `/proc/net/route`). */
async function defaultGateway(): Promise<string> {
  const [, ...lines] = (await readFile('/proc/net/route', 'utf8')).trim().split('\n')
  const [best] = lines
    .map((line) => line.split('\t'))
    .filter(([, destination, , , , , , mask]) => destination === '00000000' && mask === '00000000')
    .sort((a, b) => Number(a[6]) - Number(b[6]))
  const device = best?.[0]
  if (device === undefined) throw new CodedError('Network', 'no default route found in main routing table')
  return device
}
