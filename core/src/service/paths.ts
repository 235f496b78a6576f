import { join } from 'node:path'

/** Where services keep what is theirs below the data directory. */
export interface ServicePaths {
  /** Holds the two directories below, and `partial` with the downloads that can go on. */
  readonly archive: string
  /** Complete archives of installed packages. */
  readonly installed: string
  /** Archives that still arrive; emptied at boot. */
  readonly downloading: string
  /** All that a package's volumes hold, with its data version; the unit of snapshots. */
  volumes(id: string): string
  /** One volume's directory. */
  volume(id: string, volumeId: string): string
  dataVersion(id: string): string
  logs(id: string): string
  /** What must be known of a package after a crash and is nobody else's business. */
  record(id: string): string
  readonly records: string
}

export function servicePaths(dataDir: string): ServicePaths {
  const root = join(dataDir, 'package-data')
  const volumes = (id: string) => join(root, 'volumes', id)
  const records = join(root, 'records')
  return {
    archive: join(root, 'archive'),
    installed: join(root, 'archive', 'installed'),
    downloading: join(root, 'archive', 'downloading'),
    volumes,
    volume: (id, volumeId) => join(volumes(id), 'data', volumeId),
    dataVersion: (id) => join(volumes(id), 'data', '.version'),
    logs: (id) => join(dataDir, 'logs', id),
    record: (id) => join(records, `${id}.json`),
    records,
  }
}
