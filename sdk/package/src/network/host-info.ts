import type { HostnameInfo } from '@startd/base/host-schemas.ts'
import type { Host } from '@startd/base/model.ts'
import type { Effects } from '../effects.ts'
import { Watchable } from '../watchable.ts'
import { type FilledAddress, enabledHostnames, filledAddress } from './filled-address.ts'

/** A host in which the addresses of every interface are filled in. */
export type FilledHost = Omit<Host, 'bindings'> & { bindings: Record<string, FilledBinding> }
type FilledBinding = Omit<Host['bindings'][string], 'interfaces'> & {
  interfaces: Record<
    string,
    Omit<Host['bindings'][string]['interfaces'][string], 'addressInfo'> & { addressInfo: FilledAddress }
  >
}

type Which = { hostId: string; packageId?: string | undefined }

/** A host of a package (its own where none is named), as it is now and as it changes. */
export function getHostInfo<Mapped = FilledHost | null>(
  effects: Effects,
  { hostId, packageId }: Which,
  map?: (host: FilledHost | null) => Mapped,
  eq?: (a: Mapped, b: Mapped) => boolean,
): Watchable<FilledHost | null, Mapped> {
  const fetch = async (callback?: () => void) => {
    const host = await effects.getHostInfo({ hostId, ...(packageId && { packageId }), callback })
    return host && fill(host)
  }
  return new Watchable(effects, fetch, { map, eq })
}

/** `ip:port` under which a binding is reached from containers; null when it is not there yet. */
export function getBridgeAddress(
  effects: Effects,
  options: Which & { internalPort: number; ssl?: boolean | undefined; fallbackPort?: number | undefined },
): Watchable<string | null> {
  const { internalPort, ssl, fallbackPort, hostId, packageId } = options
  const fits = (candidate: HostnameInfo) =>
    candidate.metadata.kind === 'ipv4' &&
    candidate.metadata.gateway === 'lxcbr0' &&
    (ssl === undefined || candidate.ssl === ssl)
  return new Watchable(effects, async (callback) => {
    const host = await effects.getHostInfo({ hostId, ...(packageId && { packageId }), callback })
    const binding = host?.bindings[internalPort]
    const found = binding && enabledHostnames(binding).find(fits)
    if (found) return `${found.hostname}:${found.port}`
    return fallbackPort === undefined ? null : `${await effects.getOsIp()}:${fallbackPort}`
  })
}

function fill(host: Host): FilledHost {
  const bindings = Object.entries(host.bindings).map(([port, binding]) => {
    const interfaces = Object.entries(binding.interfaces).map(([id, offered]) => [
      id,
      { ...offered, addressInfo: filledAddress(host, offered.addressInfo) },
    ])
    return [port, { ...binding, interfaces: Object.fromEntries(interfaces) as FilledBinding['interfaces'] }]
  })
  return { ...host, bindings: Object.fromEntries(bindings) as FilledHost['bindings'] }
}
