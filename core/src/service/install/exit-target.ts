import { ExtendedVersion, VersionRange } from '@startd/base/exver/index.ts'
import type { Manifest } from '@startd/base/manifest.ts'

type Migration = Pick<Manifest, 'version' | 'canMigrateTo' | 'canMigrateFrom'>

/**
 * What the outgoing version is to migrate its data to, so that the incoming one can go on from
 * there (service-runtime.md §7.3). `dataVersion` is a version or a range.
 */
export function exitTarget(dataVersion: string | null, old: Migration, incoming: Migration): string {
  if (dataVersion === null) return old.version
  const from = VersionRange.parse(incoming.canMigrateFrom)
  if (accepts(from, dataVersion)) return dataVersion
  const to = VersionRange.parse(old.canMigrateTo)
  if (ExtendedVersion.parse(incoming.version).satisfies(to)) return incoming.version
  return to.and(from).toString()
}

/** Text that is neither a version nor a range is nothing that the incoming version could start from. */
function accepts(range: VersionRange, dataVersion: string): boolean {
  for (const test of [
    () => ExtendedVersion.parse(dataVersion).satisfies(range),
    () => range.intersects(VersionRange.parse(dataVersion)),
  ]) {
    try {
      return test()
    } catch {
      continue
    }
  }
  return false
}
