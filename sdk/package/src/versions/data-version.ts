import { ExtendedVersion, VersionRange } from '@startd/base/exver/index.ts'
import type { Effects } from '../effects.ts'

/** The version that the stored data has: exact, or a range when only that much is known. */
export type DataVersion = ExtendedVersion | VersionRange

export function isRange(version: object): version is VersionRange {
  return 'satisfiedBy' in version
}

export function parseDataVersion(text: string): DataVersion {
  try {
    return ExtendedVersion.parse(text)
  } catch {
    return VersionRange.parse(text)
  }
}

/** The version of the data in the volumes; null before the first install has finished. */
export async function getDataVersion(effects: Effects): Promise<DataVersion | null> {
  const text = await effects.getDataVersion()
  return text === null ? null : parseDataVersion(text)
}

/** Records the version of the data in the volumes. */
export async function setDataVersion(effects: Effects, version: DataVersion | null): Promise<void> {
  await effects.setDataVersion({ version: version === null ? null : version.toString() })
}

/** Whether some version belongs to both. */
export function overlaps(a: DataVersion, b: DataVersion): boolean {
  if (isRange(a)) return isRange(b) ? a.intersects(b) : a.satisfiedBy(b)
  return isRange(b) ? b.satisfiedBy(a) : a.equals(b)
}
