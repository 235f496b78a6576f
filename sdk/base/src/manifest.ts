import { z } from 'zod'
import { CodedError } from './errors.ts'
import { ExtendedVersion, Version, VersionRange } from './exver/index.ts'
import { ImageId, PackageId, VolumeId } from './ids.ts'
import { LocaleString } from './service-schemas.ts'

/** What a package without `osVersion` is taken to need: the oldest system with this package format. */
const OLDEST_OS = '0.4.0-beta.0'

const readable = (parse: (text: string) => unknown, what: string) =>
  z.string().refine((text) => succeeds(() => parse(text)), `not a ${what}`)
const version = readable((text) => ExtendedVersion.parse(text), 'package version such as 1.2.3:0')
const osVersion = readable((text) => Version.parse(text), 'version such as 1.2.3')
const range = readable((text) => VersionRange.parse(text), 'version range such as >=1:0').transform((text) =>
  VersionRange.parse(text).toString(),
)
const url = readable((text) => new URL(text), 'URL').transform((text) => new URL(text).href)
const bytes = z.int().min(0)

/** A processor architecture as Linux names it. */
export const Arch = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[a-z0-9_]+$/, 'not an architecture such as x86_64')
const arches = set(Arch)

export const ImageSource = z.union([
  z.literal('packed'),
  z.object({
    dockerBuild: z.object({
      workdir: z.string().nullable().default(null),
      dockerfile: z.string().nullable().default(null),
      buildArgs: z.record(z.string(), z.union([z.string(), z.object({ env: z.string() })])).default({}),
    }),
  }),
  z.object({ dockerTag: z.string() }),
])
export type ImageSource = z.infer<typeof ImageSource>

export const ImageConfig = z.object({
  source: ImageSource,
  arch: arches,
  emulateMissingAs: Arch.nullable().default(null),
  nvidiaContainer: z.boolean().default(false),
})
export type ImageConfig = z.infer<typeof ImageConfig>

export const DependencyInfo = z.object({
  description: LocaleString.nullable().default(null),
  optional: z.boolean(),
})
export type DependencyInfo = z.infer<typeof DependencyInfo>

export const DeviceFilter = z.object({
  description: z.string(),
  class: z.enum(['processor', 'display']),
  product: z.string().nullable().default(null),
  vendor: z.string().nullable().default(null),
  capabilities: set(z.string()).nullable().default(null),
  driver: z.string().nullable().default(null),
})
export type DeviceFilter = z.infer<typeof DeviceFilter>

/** `ram` is in bytes. */
export const HardwareRequirements = z.object({
  device: z.array(DeviceFilter).default([]),
  ram: bytes.nullable().default(null),
  arch: arches.nullable().default(null),
})
export type HardwareRequirements = z.infer<typeof HardwareRequirements>

/**
 * `manifest.json` of a package (s9pk.md §7). Unknown keys are dropped; parsing gives the normal form:
 * keys in this order, defaults filled in, sets and maps sorted, ranges and URLs re-printed.
 */
export const Manifest = z.object({
  id: PackageId,
  version,
  canMigrateTo: range,
  canMigrateFrom: range,
  title: z.string(),
  description: z.object({ short: LocaleString, long: LocaleString }),
  releaseNotes: LocaleString,
  gitHash: z.string().nullable().default(null),
  license: z.string(),
  packageRepo: url.default('https://example.com/'),
  upstreamRepo: url,
  marketingUrl: url.nullable().default(null),
  donationUrl: url.nullable().default(null),
  osVersion: osVersion.default(OLDEST_OS),
  sdkVersion: osVersion.nullable().default(null),
  hardwareAcceleration: z.boolean().default(false),
  userspaceFilesystems: z.boolean().default(false),
  virtualNetworking: z.boolean().default(false),
  plugins: set(z.literal('url-v0')).default([]),
  satisfies: z.array(version).transform(sortedVersions).default([]),
  images: z.record(ImageId, ImageConfig).transform(sortedKeys),
  volumes: set(VolumeId),
  dependencies: z.record(PackageId, DependencyInfo).transform(sortedKeys).default({}),
  hardwareRequirements: HardwareRequirements.default({ device: [], ram: null, arch: null }),
})
export type Manifest = z.infer<typeof Manifest>

/** Checks a manifest; throws Deserialization and names every field that does not fit. */
export function parseManifest(value: unknown): Manifest {
  const result = Manifest.safeParse(value)
  if (result.success) return result.data
  const problems = result.error.issues
    .slice(0, 5)
    .map(({ path, message }) => `${path.join('.') || 'manifest'}: ${message}`)
  throw new CodedError(
    'Deserialization',
    `the manifest of this package is not valid (${problems.join('; ')})`,
    {
      cause: result.error,
    },
  )
}

/** The manifest as it is stored in a package: compact JSON. */
export function printManifest(manifest: Manifest): string {
  return JSON.stringify(manifest)
}

function set<T extends z.ZodType<string>>(item: T) {
  return z.array(item).transform((items) => [...new Set(items)].sort())
}

function sortedKeys<T extends Record<string, unknown>>(map: T): T {
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1))) as T
}

function sortedVersions(versions: string[]): string[] {
  return [...new Set(versions)].sort((a, b) =>
    ExtendedVersion.parse(a).compareForSort(ExtendedVersion.parse(b)),
  )
}

function succeeds(attempt: () => unknown): boolean {
  try {
    attempt()
    return true
  } catch {
    return false
  }
}
