import type { Manifest } from '@startd/base/manifest.ts'
import type { SmtpValue, StatusInfo } from '@startd/base/model.ts'
import type { Effects } from './effects.ts'
import { Watchable } from './watchable.ts'

type Of = { packageId?: string | undefined }

/** State of a service, this one where none is named; null for one that is not installed. */
export function getStatus(effects: Effects, of: Of = {}): Watchable<StatusInfo | null> {
  return new Watchable(effects, (callback) => effects.getStatus({ ...of, callback }))
}

/** Address of a service's container on the containers' network. */
export function getContainerIp(effects: Effects, of: Of = {}): Watchable<string | null> {
  return new Watchable(effects, (callback) => effects.getContainerIp({ ...of, callback }))
}

/** The network interface through which this service reaches the internet. */
export function getOutboundGateway(effects: Effects): Watchable<string> {
  return new Watchable(effects, (callback) => effects.getOutboundGateway({ callback }))
}

/** The server's mail account; null where none is set up. */
export function getSystemSmtp(effects: Effects): Watchable<SmtpValue | null> {
  return new Watchable(effects, (callback) => effects.getSystemSmtp({ callback }))
}

/** Certificate chain (leaf, intermediate, root) for names of this service. */
export function getSslCertificate(
  effects: Effects,
  hostnames: string[],
  algorithm?: 'ecdsa' | 'ed25519',
): Watchable<[string, string, string]> {
  return new Watchable(effects, (callback) =>
    effects.getSslCertificate({ hostnames, ...(algorithm && { algorithm }), callback }),
  )
}

/** What an installed package says of itself. */
export function getServiceManifest<Mapped = Manifest | null>(
  effects: Effects,
  packageId: string,
  map?: (manifest: Manifest | null) => Mapped,
  eq?: (a: Mapped, b: Mapped) => boolean,
): Watchable<Manifest | null, Mapped> {
  const fetch = (callback?: () => void): Promise<Manifest | null> =>
    effects.getServiceManifest({ packageId, callback })
  return new Watchable<Manifest | null, Mapped>(effects, fetch, { map, eq })
}
