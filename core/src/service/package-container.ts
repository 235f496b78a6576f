import { mkdir } from 'node:fs/promises'
import { newGuid } from '@startd/base/base32.ts'
import { CodedError } from '@startd/base/errors.ts'
import type { Manifest } from '@startd/base/manifest.ts'
import { CONTAINER_PATHS } from '@startd/base/runtime-rpc.ts'
import type { S9pk } from '@startd/base/s9pk/index.ts'
import type { Container, ContainerDriver } from '../container/index.ts'
import type { ServicePaths } from './paths.ts'

/** How long the runtime may take until it listens. */
const BOOT_PATIENCE = 120_000
const MAX_IMAGE_METADATA = 1024 * 1024

export interface PackageContainerOptions {
  containers: ContainerDriver
  paths: ServicePaths
  /** Opened archive and where it lies. */
  s9pk: S9pk
  file: string
  arch: string
  lang: string
}

/**
 * A running container with everything of the package mounted and its runtime listening
 * (service-runtime.md §2). Whatever fails, nothing is left of it.
 */
export async function createPackageContainer(options: PackageContainerOptions): Promise<Container> {
  const { containers, s9pk } = options
  const { manifest } = s9pk
  const address = await containers.addressFor(manifest.id)
  await using undo = new AsyncDisposableStack()
  const container = await containers.create({
    guid: newGuid(),
    address,
    packageId: manifest.id,
    lang: options.lang,
    devices: devicesOf(manifest),
  })
  undo.defer(() => container.destroy())
  await container.start()
  const listening = container.waitForSocket('service.sock', BOOT_PATIENCE)
  await allOf([listening, ...mountPackage(container, options)])
  undo.move()
  return container
}

/** Waits for all before it fails, so that nothing is still being mounted while it is undone. */
async function allOf(work: Promise<unknown>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find((result) => result.status === 'rejected')
  if (failed) throw failed.reason as Error
}

function mountPackage(container: Container, options: PackageContainerOptions): Promise<void>[] {
  return [
    mountMember(container, options, 'javascript.squashfs', CONTAINER_PATHS.package, { idmap: false }),
    mountAssets(container, options),
    ...options.s9pk.manifest.volumes.map((volume) => mountOwnVolume(container, options, volume)),
    ...Object.entries(options.s9pk.images(options.arch)).map(async ([image, files]) => {
      const inside = `${CONTAINER_PATHS.images}/${image}`
      await mountMember(container, options, files.squashfs, inside)
      await copyMember(container, options, files.metadata, `${inside}.json`)
      await copyMember(container, options, files.env, `${inside}.env`)
    }),
  ]
}

async function mountMember(
  container: Container,
  { s9pk, file }: PackageContainerOptions,
  path: string,
  inside: string,
  mount: { idmap?: boolean } = {},
): Promise<void> {
  const { offset, size } = s9pk.member(path)
  await container.mountSquashfsMember(file, offset, size, inside, mount)
}

async function copyMember(
  container: Container,
  { s9pk }: PackageContainerOptions,
  path: string,
  inside: string,
): Promise<void> {
  await container.writeFile(inside, await s9pk.readFile(path, MAX_IMAGE_METADATA))
}

/** One squashfs of all assets; archives of older packers have a directory of them. */
async function mountAssets(container: Container, options: PackageContainerOptions): Promise<void> {
  const { s9pk } = options
  if (s9pk.file('assets.squashfs')?.kind === 'file') {
    await mountMember(container, options, 'assets.squashfs', CONTAINER_PATHS.assets)
    return
  }
  for (const { path } of s9pk.members()) {
    const name = /^assets\/([^/]+)\.squashfs$/.exec(path)?.[1]
    if (name !== undefined) await mountMember(container, options, path, `${CONTAINER_PATHS.assets}/${name}`)
  }
}

async function mountOwnVolume(
  container: Container,
  { s9pk, paths }: PackageContainerOptions,
  volume: string,
): Promise<void> {
  const directory = paths.volume(s9pk.manifest.id, volume)
  try {
    await mkdir(directory, { recursive: true })
  } catch (cause) {
    throw new CodedError('Filesystem', `the volume “${volume}” could not be created`, { cause })
  }
  await container.mountVolume(directory, `${CONTAINER_PATHS.volumes}/${volume}`)
}

function devicesOf(manifest: Manifest): string[] {
  return [
    ...(manifest.userspaceFilesystems ? ['/dev/fuse'] : []),
    ...(manifest.virtualNetworking ? ['/dev/net/tun'] : []),
    ...(manifest.hardwareAcceleration ? ['/dev/dri', '/dev/kfd'] : []),
  ]
}
