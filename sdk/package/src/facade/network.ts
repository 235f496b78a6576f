import type { Effects } from '../effects.ts'
import type { SDKManifest } from '../manifest/types.ts'
import { type FilledHost, getBridgeAddress, getHostInfo } from '../network/host-info.ts'
import { createInterface, createRangeInterface } from '../network/interface.ts'
import { MultiHost } from '../network/multi-host.ts'
import { setupInterfaces } from '../network/setup-interfaces.ts'

type Eq<T> = (a: T, b: T) => boolean

/** Ports, interfaces, and the addresses under which they answer. */
export function networkTools(_manifest: SDKManifest) {
  return {
    MultiHost,
    createInterface,
    createRangeInterface,
    setupInterfaces,
    host: {
      getOwn: <Mapped = FilledHost | null>(
        effects: Effects,
        hostId: string,
        map?: (host: FilledHost | null) => Mapped,
        eq?: Eq<Mapped>,
      ) => getHostInfo(effects, { hostId }, map, eq),
      get: <Mapped = FilledHost | null>(
        effects: Effects,
        which: { hostId: string; packageId?: string | undefined },
        map?: (host: FilledHost | null) => Mapped,
        eq?: Eq<Mapped>,
      ) => getHostInfo(effects, which, map, eq),
      getBridgeAddress,
    },
  }
}
