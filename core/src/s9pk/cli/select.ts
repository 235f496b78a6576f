import { readdir } from 'node:fs/promises'
import { CodedError } from '@startd/base/errors.ts'
import { ExtendedVersion, VersionRange } from '@startd/base/exver/index.ts'
import type { DeviceFilter, HardwareRequirements, Manifest } from '@startd/base/manifest.ts'
import type { DeviceInfo } from '@startd/base/rpc/server.ts'
import { manifest } from './inspect.ts'

type Hardware = NonNullable<DeviceInfo['hardware']>
type Device = NonNullable<Hardware['devices']>[number]

/**
 * `s9pk select`: of some package files, the one that is made most particularly for a server (s9pk.md §7.3 and §8.2).
 * Files that cannot be opened are passed over. Without names, those of the working directory count.
 */
export async function select(paths: readonly string[], server: DeviceInfo): Promise<string> {
  const names =
    paths.length > 0 ? paths : (await readdir('.')).filter((name) => name.endsWith('.s9pk')).sort()
  if (names.length === 0) throw new CodedError('NotFound', 'no .s9pk files found in current directory')
  const fitting: { path: string; requirements: HardwareRequirements }[] = []
  for (const path of names) {
    const opened = await manifest(path).catch(() => null)
    if (opened && fits(opened, server)) fitting.push({ path, requirements: opened.hardwareRequirements })
  }
  fitting.sort((a, b) => compareSpecificity(a.requirements, b.requirements))
  const [best] = fitting
  if (best) return best.path
  const { os, hardware } = server
  const machine = `arch: ${hardware?.arch ?? 'unknown'}, os: ${os.version}`
  throw new CodedError('NotFound', `no compatible s9pk found for device (${machine})`)
}

function fits({ osVersion, hardwareRequirements }: Manifest, { os, hardware }: DeviceInfo): boolean {
  const version = ExtendedVersion.parse(`${osVersion}:0`)
  if (!version.satisfies(VersionRange.parse(os.compat))) return false
  return hardware === null || isCompatible(hardwareRequirements, hardware)
}

/** Whether a machine is enough for a package; devices count only where they are known. */
export function isCompatible({ arch, ram, device }: HardwareRequirements, hardware: Hardware): boolean {
  if (arch !== null && !arch.includes(hardware.arch)) return false
  if (ram !== null && hardware.ram < ram) return false
  return (
    hardware.devices === null ||
    device.every((filter) => hardware.devices?.some((one) => matches(filter, one)))
  )
}

function matches(filter: DeviceFilter, device: Device): boolean {
  if (filter.class !== device.class) return false
  if (!found(filter.product, device.product) || !found(filter.vendor, device.vendor)) return false
  if (!(filter.capabilities ?? []).every((one) => device.capabilities.includes(one))) return false
  return filter.driver === null || device.class !== 'display' || filter.driver === device.driver
}

/** A pattern that this language cannot read fits nothing. */
function found(pattern: string | null, text: string | null): boolean {
  if (pattern === null) return true
  if (text === null) return false
  try {
    return new RegExp(pattern, 'u').test(text)
  } catch {
    return false
  }
}

/** The more particular first: more devices, then fewer architectures, then less memory. */
function compareSpecificity(a: HardwareRequirements, b: HardwareRequirements): number {
  const arches = ({ arch }: HardwareRequirements) => arch?.length ?? Infinity
  const difference = arches(a) === arches(b) ? 0 : arches(a) - arches(b)
  return b.device.length - a.device.length || difference || (a.ram ?? 0) - (b.ram ?? 0)
}
