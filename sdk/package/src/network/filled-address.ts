import type { HostnameInfo } from '@startd/base/host-schemas.ts'
import type { BindInfo, Host } from '@startd/base/model.ts'
import type { AddressInfo } from './origin.ts'

type HostnameKind =
  'mdns' | 'domain' | 'ip' | 'ipv4' | 'ipv6' | 'localhost' | 'link-local' | 'bridge' | 'plugin'

export interface HostnameFilter {
  visibility?: 'public' | 'private' | undefined
  kind?: HostnameKind | readonly HostnameKind[] | undefined
  predicate?: ((hostname: HostnameInfo) => boolean) | undefined
  pluginId?: string | undefined
  exclude?: HostnameFilter | undefined
}

type Format = 'urlstring' | 'url' | 'hostname-info'
type Formatted<F extends Format> = F extends 'url' ? URL : F extends 'hostname-info' ? HostnameInfo : string

/** Name of the bridge on which containers reach their host. */
const BRIDGE = 'lxcbr0'
const DEFAULT_PORTS: Record<string, number> = { http: 80, https: 443, ws: 80, wss: 443, ssh: 22, dns: 53 }

/** An interface's address with the names and addresses under which it answers now (sdk.md §9.4). */
export class FilledAddress implements AddressInfo {
  readonly username: string | null
  readonly hostId: string
  readonly internalPort: number
  readonly scheme: string | null
  readonly sslScheme: string | null
  readonly suffix: string
  readonly hostnames: readonly HostnameInfo[]

  constructor(address: AddressInfo, hostnames: readonly HostnameInfo[]) {
    this.username = address.username
    this.hostId = address.hostId
    this.internalPort = address.internalPort
    this.scheme = address.scheme
    this.sslScheme = address.sslScheme
    this.suffix = address.suffix
    this.hostnames = hostnames
  }

  toUrl({ ssl, hostname, port, metadata }: HostnameInfo): string {
    const { username, suffix } = this
    const scheme = ssl ? this.sslScheme : this.scheme
    const zone = metadata.kind === 'ipv6' && isLinkLocal(hostname) ? `%${metadata.scopeId}` : ''
    const name = metadata.kind === 'ipv6' ? `[${hostname}${zone}]` : hostname
    const shownPort = port === null || (scheme && DEFAULT_PORTS[scheme] === port) ? '' : `:${port}`
    return `${scheme ? `${scheme}://` : ''}${username ? `${username}@` : ''}${name}${shownPort}${suffix}`
  }

  format<F extends Format = 'urlstring'>(format?: F): Formatted<F>[] {
    return this.hostnames.map((hostname) => {
      if (format === 'hostname-info') return hostname
      return format === 'url' ? new URL(this.toUrl(hostname)) : this.toUrl(hostname)
    }) as Formatted<F>[]
  }

  filter(filter: HostnameFilter): FilledAddress {
    return new FilledAddress(
      this,
      this.hostnames.filter((hostname) => matches(hostname, filter)),
    )
  }

  matchesAny(filters: readonly HostnameFilter[]): FilledAddress {
    const kept = this.hostnames.filter((hostname) => filters.some((filter) => matches(hostname, filter)))
    return new FilledAddress(this, kept)
  }

  get nonLocal(): FilledAddress {
    return this.filter({ exclude: { kind: ['localhost', 'link-local', 'bridge'] } })
  }

  get public(): FilledAddress {
    return this.filter({ visibility: 'public' })
  }

  get bridge(): FilledAddress {
    return this.filter({ kind: 'bridge' })
  }
}

/** The address of an interface of `host`, with its enabled names. */
export function filledAddress(host: Host, addressInfo: AddressInfo): FilledAddress {
  const binding = host.bindings[addressInfo.internalPort]
  return new FilledAddress(addressInfo, binding ? enabledHostnames(binding) : [])
}

/** Public addresses answer only where enabled; everything else unless disabled. */
export function enabledHostnames({ addresses }: BindInfo): HostnameInfo[] {
  const privateOn = (candidate: HostnameInfo) =>
    !addresses.disabled.some(([name, port]) => name === candidate.hostname && port === (candidate.port ?? 0))
  return addresses.available.filter((candidate) => {
    const { metadata, hostname, port } = candidate
    const isIp = metadata.kind === 'ipv4' || metadata.kind === 'ipv6'
    if (isIp && candidate.public) {
      const socket = metadata.kind === 'ipv6' ? `[${hostname}]:${port}` : `${hostname}:${port}`
      return port === null || addresses.enabled.includes(socket)
    }
    if (metadata.kind !== 'mdns') return privateOn(candidate)
    const answering = addresses.available.filter(
      (other) =>
        !other.public &&
        'gateway' in other.metadata &&
        metadata.gateways.includes(other.metadata.gateway) &&
        privateOn(other),
    )
    return privateOn(candidate) && answering.length > 0
  })
}

function matches(hostname: HostnameInfo, filter: HostnameFilter): boolean {
  const kinds = typeof filter.kind === 'string' ? [filter.kind] : filter.kind
  const { metadata } = hostname
  if (filter.visibility && hostname.public !== (filter.visibility === 'public')) return false
  if (kinds && !kinds.some((kind) => isKind(hostname, kind))) return false
  if (filter.predicate && !filter.predicate(hostname)) return false
  if (filter.pluginId && !(metadata.kind === 'plugin' && metadata.packageId === filter.pluginId)) return false
  return !(filter.exclude && matches(hostname, filter.exclude))
}

function isKind({ hostname, metadata }: HostnameInfo, kind: HostnameKind): boolean {
  const isIp = metadata.kind === 'ipv4' || metadata.kind === 'ipv6'
  switch (kind) {
    case 'mdns':
    case 'ipv4':
    case 'ipv6':
    case 'plugin':
      return metadata.kind === kind
    case 'domain':
      return metadata.kind === 'private-domain' || metadata.kind === 'public-domain'
    case 'ip':
      return isIp
    case 'localhost':
      return hostname === 'localhost' || hostname === '::1' || hostname.startsWith('127.')
    case 'link-local':
      return metadata.kind === 'ipv6' && isLinkLocal(hostname)
    case 'bridge':
      return isIp && metadata.gateway === BRIDGE
  }
}

function isLinkLocal(hostname: string): boolean {
  return /^fe[89ab]/i.test(hostname)
}
