import { networkInterfaces } from 'node:os'
import { isIPv4, isIPv6 } from 'node:net'
import type { HostnameInfo } from '@startd/base/host-schemas.ts'
import type { BindInfo, Host } from '@startd/base/model.ts'

/** Addresses of this machine on which services are offered. */
export interface NetPlace {
  /** Where the server itself listens; a wildcard stands for every address of the machine. */
  readonly listenAddress: string
  /** The host on the containers' bridge, and the name of that device as packages know it. */
  readonly bridgeAddress: string
}

/** Packages look for this name to find addresses that other containers reach (sdk.md §9.4). */
export const BRIDGE_GATEWAY = 'lxcbr0'
const LOOPBACK = { address: '127.0.0.1', gateway: 'lo' }

interface LocalAddress {
  address: string
  gateway: string
}

const isWildcard = (address: string) => address === '0.0.0.0' || address === '::'
const hasInterface = (binding: BindInfo) => Object.keys(binding.interfaces).length > 0

/** Host addresses to listen on for a binding: a binding without an interface stays inside this machine. */
export function listenAddresses({ listenAddress, bridgeAddress }: NetPlace, binding: BindInfo): string[] {
  if (!binding.enabled || !offersPlain(binding)) return []
  const wanted = hasInterface(binding) ? [listenAddress] : []
  // A wildcard listener takes the port on every other address too.
  const wildcard = wanted.find(isWildcard)
  return wildcard === undefined ? [...new Set([LOOPBACK.address, bridgeAddress, ...wanted])] : [wildcard]
}

/** Whether the assigned plain port is served as it is: not for a service whose own TLS is replaced by ours. */
const offersPlain = ({ net, options }: BindInfo): boolean =>
  net.assignedPort !== null && !(options.secure?.ssl === true && options.addSsl !== null)

/** Recomputes what is reachable for every binding of a host (db-model.md §4.3); entries of plugins are kept. */
export function deriveAddresses(host: Host, place: NetPlace): void {
  for (const binding of Object.values(host.bindings)) {
    const plugins = binding.addresses.available.filter(({ metadata }) => metadata.kind === 'plugin')
    binding.addresses.available = [...reachable(binding, place), ...plugins]
  }
}

function reachable(binding: BindInfo, place: NetPlace): HostnameInfo[] {
  const port = binding.net.assignedPort
  if (!binding.enabled || port === null || !offersPlain(binding)) return []
  const ssl = binding.options.secure?.ssl ?? false
  return localAddresses(place, hasInterface(binding)).map(({ address, gateway }) => ({
    ssl,
    public: false,
    hostname: address,
    port,
    metadata: isIPv6(address) ? { kind: 'ipv6', gateway, scopeId: 0 } : { kind: 'ipv4', gateway },
  }))
}

function localAddresses({ listenAddress, bridgeAddress }: NetPlace, outside: boolean): LocalAddress[] {
  const bridge = { address: bridgeAddress, gateway: BRIDGE_GATEWAY }
  const found = [LOOPBACK, bridge, ...(outside ? outsideAddresses(listenAddress) : [])]
  return found.filter(({ address }, index) => found.findIndex((other) => other.address === address) === index)
}

/** The machine's own addresses that `listenAddress` stands for, each with the device that it is on. */
function outsideAddresses(listenAddress: string): LocalAddress[] {
  const all = Object.entries(networkInterfaces()).flatMap(([gateway, addresses]) =>
    (addresses ?? [])
      .filter(({ internal, scopeid }) => !internal && !scopeid)
      .map(({ address }) => ({ address, gateway })),
  )
  if (listenAddress === '0.0.0.0') return all.filter(({ address }) => isIPv4(address))
  if (listenAddress === '::') return all
  return [all.find(({ address }) => address === listenAddress) ?? { address: listenAddress, gateway: 'lo' }]
}
