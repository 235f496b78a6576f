import type { VersionGraph } from '../versions/graph.ts'
import type { SDKImageInputSpec, SDKManifest } from './types.ts'

/** Version of this SDK, for information. */
export const SDK_VERSION = '0.1.0'
/** The oldest system whose effects a package of this SDK needs. */
export const OS_VERSION = '0.4.0-beta.10'

const ARCHES = ['aarch64', 'x86_64', 'riscv64']

type BuiltImage = ReturnType<typeof buildImage>

/** The published manifest: what the author declared, what the versions say, and every default filled in. */
export function buildManifest<M extends SDKManifest>(versions: VersionGraph, manifest: M) {
  const { options, satisfied } = versions.current
  const images = Object.fromEntries(
    Object.entries(manifest.images).map(([id, image]) => [id, buildImage(image)]),
  )
  return {
    id: manifest.id,
    version: options.version,
    canMigrateTo: versions.canMigrateTo().toString(),
    canMigrateFrom: versions.canMigrateFrom().toString(),
    title: manifest.title,
    description: manifest.description,
    releaseNotes: options.releaseNotes,
    gitHash: null,
    license: manifest.license,
    packageRepo: manifest.packageRepo,
    upstreamRepo: manifest.upstreamRepo,
    marketingUrl: manifest.marketingUrl ?? null,
    donationUrl: manifest.donationUrl,
    osVersion: manifest.osVersion ?? OS_VERSION,
    sdkVersion: SDK_VERSION,
    hardwareAcceleration: manifest.hardwareAcceleration ?? false,
    userspaceFilesystems: manifest.userspaceFilesystems ?? false,
    virtualNetworking: manifest.virtualNetworking ?? false,
    plugins: manifest.plugins ?? [],
    satisfies: satisfied,
    images,
    volumes: manifest.volumes,
    dependencies: manifest.dependencies,
    hardwareRequirements: {
      device: manifest.hardwareRequirements?.device ?? [],
      ram: manifest.hardwareRequirements?.ram ?? null,
      arch: commonArches(Object.values(images)),
    },
  }
}

function buildImage({ source, arch = ARCHES, emulateMissingAs, nvidiaContainer }: SDKImageInputSpec) {
  const standIn = arch.includes('x86_64') ? 'x86_64' : (arch[0] ?? null)
  return {
    source,
    arch,
    emulateMissingAs: emulateMissingAs === undefined ? standIn : emulateMissingAs,
    nvidiaContainer: nvidiaContainer ?? false,
  }
}

/** Architectures on which all images that cannot be emulated exist; null when there is no such image. */
function commonArches(images: BuiltImage[]): string[] | null {
  const native = images.filter(({ emulateMissingAs }) => emulateMissingAs === null)
  if (native.length === 0) return null
  return ARCHES.filter((arch) => native.every((image) => image.arch.includes(arch)))
}
