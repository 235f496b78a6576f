import type { BindInfo, Host } from '@startd/base/model.ts'
import type { HostnameInfo, ServiceInterface } from '@startd/base/host-schemas.ts'

/** Where the page itself was loaded from; `Location` fits. */
export interface Here {
  hostname: string
  protocol: string
}

export interface Address {
  url: string
  hostname: string
  port: number | null
  secure: boolean
  /** Reachable from the server itself alone. */
  isLoopback: boolean
  /** Reachable from the internet. */
  isPublic: boolean
  kind: HostnameInfo['metadata']['kind']
}

export interface InterfaceAddresses {
  id: string
  name: string
  description: string
  type: ServiceInterface['type']
  masked: boolean
  /** Whether the service asked for the port now; a stopped service may keep its addresses. */
  enabled: boolean
  /** Best one first. */
  addresses: Address[]
}

/** All interfaces of a service with the addresses under which they answer now, best first for `here`. */
export function interfacesOf(hosts: Record<string, Host>, here: Here): InterfaceAddresses[] {
  return Object.values(hosts ?? {}).flatMap(({ bindings }) =>
    Object.values(bindings ?? {}).flatMap((binding) =>
      Object.values(binding.interfaces ?? {}).map((one) => ({
        id: one.id,
        name: one.name,
        description: one.description,
        type: one.type,
        masked: one.masked,
        enabled: binding.enabled,
        addresses: addressesOf(binding, one, here),
      })),
    ),
  )
}

/** The addresses of one interface, best first: the name or kind by which the person already came here. */
export function addressesOf(binding: BindInfo, one: ServiceInterface, here: Here): Address[] {
  if (!binding.enabled) return []
  return (binding.addresses?.available ?? [])
    .filter((info) => isSwitchedOn(info, binding) && !isForServices(info))
    .map((info) => ({ info, rank: rankOf(info, here, one.type) }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ info }) => ({
      url: urlOf(info, one),
      hostname: info.hostname,
      port: info.port,
      secure: info.ssl,
      isLoopback: isLoopback(info.hostname),
      isPublic: info.public,
      kind: info.metadata.kind,
    }))
}

/** The bridge that joins the services: no device of a person reaches it. Packages know it by this name. */
const BRIDGE = 'lxcbr0'

function isForServices({ metadata }: HostnameInfo): boolean {
  return (metadata.kind === 'ipv4' || metadata.kind === 'ipv6') && metadata.gateway === BRIDGE
}

/** Rules of db-model.md §4.3, “effective switch”. */
export function isSwitchedOn(info: HostnameInfo, binding: BindInfo): boolean {
  const { hostname, port, metadata } = info
  const { enabled = [], disabled = [], guaAccess = {} } = binding.addresses
  if (isLoopback(hostname)) return true
  const isIp = metadata.kind === 'ipv4' || metadata.kind === 'ipv6'
  const socket = metadata.kind === 'ipv6' ? `[${hostname}]:${port ?? 0}` : `${hostname}:${port ?? 0}`
  if (metadata.kind === 'ipv6' && isGlobalIpv6(hostname)) return guaAccess[socket] !== 'disabled'
  if (isIp && info.public) return enabled.includes(socket)
  return !disabled.some(([name, at]) => name === hostname && at === (port ?? 0))
}

/** The full URL of an address; the port is left out where the scheme implies it. */
export function urlOf(info: HostnameInfo, one: ServiceInterface): string {
  const { addressInfo } = one
  const scheme = (info.ssl ? addressInfo.sslScheme : addressInfo.scheme) ?? (info.ssl ? 'https' : 'http')
  const usual = { http: 80, https: 443 }[scheme]
  const host = info.hostname.includes(':') ? `[${info.hostname}]` : info.hostname
  const port = info.port === null || info.port === usual ? '' : `:${info.port}`
  const user = addressInfo.username ? `${encodeURIComponent(addressInfo.username)}@` : ''
  return `${scheme}://${user}${host}${port}${addressInfo.suffix}`
}

/** Lower is better. A whole step for where it leads, half a step for the wrong security. */
function rankOf(info: HostnameInfo, here: Here, type: ServiceInterface['type']): number {
  const name = here.hostname.replace(/^\[|\]$/g, '')
  const wantsTls = here.protocol === 'https:'
  const security = info.ssl === wantsTls ? 0 : 0.5
  // What other programs and servers shall use must be reachable for them, wherever this page was opened.
  if (isLoopback(info.hostname) && type !== 'ui') return 90 + security
  if (info.hostname === name) return security
  if (isLoopback(name) && isLoopback(info.hostname)) return 1 + security
  // A loopback address is of no use to a browser on another machine.
  if (isLoopback(info.hostname)) return 90 + security
  if (info.metadata.kind === kindOfName(name)) return 2 + security
  return (
    { 'private-domain': 3, mdns: 4, ipv4: 5, ipv6: 7, 'public-domain': 8, plugin: 9 }[
      info.public && info.metadata.kind === 'ipv4' ? 'public-domain' : info.metadata.kind
    ] + security
  )
}

function kindOfName(name: string): HostnameInfo['metadata']['kind'] | null {
  if (name.endsWith('.local')) return 'mdns'
  if (name.includes(':')) return 'ipv6'
  return /^\d+(\.\d+){3}$/.test(name) ? 'ipv4' : null
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '::1' || hostname.startsWith('127.')
}

/** Global unicast, 2000::/3 (RFC 4291). */
function isGlobalIpv6(hostname: string): boolean {
  return /^[23][0-9a-f]{3}:/i.test(hostname)
}
