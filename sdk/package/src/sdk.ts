import { actionTools } from './facade/actions.ts'
import { effectWrappers } from './facade/effects.ts'
import { networkTools } from './facade/network.ts'
import { serviceTools } from './facade/service.ts'
import type { SDKManifest } from './manifest/types.ts'
import { patterns } from './patterns.ts'
import {
  getContainerIp,
  getOutboundGateway,
  getServiceManifest,
  getSslCertificate,
  getStatus,
  getSystemSmtp,
} from './readers.ts'
import { nullIfEmpty } from './values/null-if-empty.ts'
import { createVolumes } from './volume.ts'

/** Everything that a package author needs, knowing the ids of this one package (sdk.md §4.1). */
export function buildSdk<M extends SDKManifest>(manifest: M) {
  return {
    manifest,
    volumes: createVolumes(manifest),
    ...effectWrappers<M>(),
    ...actionTools(manifest),
    ...networkTools(manifest),
    ...serviceTools<M>(),
    getContainerIp,
    getStatus,
    getSystemSmtp,
    getOutboundGateway,
    getSslCertificate,
    getServiceManifest,
    nullIfEmpty,
    patterns,
  }
}

/** The SDK of one package. */
export type Sdk<M extends SDKManifest> = ReturnType<typeof buildSdk<M>>

/** The way to it: `StartSdk.of().withManifest(manifest).build(true)`. */
export const StartSdk = {
  of: () => ({
    withManifest: <M extends SDKManifest>(manifest: M) => ({
      build: (_ready: true): Sdk<M> => buildSdk(manifest),
    }),
  }),
}
