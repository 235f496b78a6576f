import { mkdir, open, readdir, rmdir, stat, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { CONTAINER_PATHS } from '@startd/base/container-paths.ts'
import type { Effects } from '../effects.ts'
import type { DependencyIdOf, SDKManifest, VolumeIdOf } from '../manifest/types.ts'
import { run } from './process.ts'

/** `infer`: a file where the source is one, else a directory. */
export type MountType = 'directory' | 'file' | 'infer'

export interface IdMap {
  /** Id as stored on disk. */
  fromId: number
  /** Id as the subcontainer sees it. */
  toId: number
  range?: number | undefined
}

interface Options {
  /** Path within the source; null = all of it. */
  subpath: string | null
  /** Where it appears in the subcontainer. */
  mountpoint: string
  type?: MountType | undefined
  idmap?: IdMap[] | undefined
}

export interface VolumeOptions<VolumeId extends string = string> extends Options {
  volumeId: VolumeId
  readonly: boolean
}

export type AssetsOptions = Options

export interface DependencyOptions<DependencyId extends string = string> extends Options {
  dependencyId: DependencyId
  volumeId: string
  readonly: boolean
}

export type MountEntry =
  | ({ kind: 'volume' } & VolumeOptions)
  | ({ kind: 'assets' } & AssetsOptions)
  | ({ kind: 'dependency' } & DependencyOptions)

/** What a subcontainer sees of the service's volumes and assets and of other services. Immutable. */
export class Mounts<M extends SDKManifest = SDKManifest> {
  readonly entries: readonly MountEntry[]

  constructor(entries: readonly MountEntry[] = []) {
    this.entries = entries
  }

  static of<M extends SDKManifest = SDKManifest>(): Mounts<M> {
    return new Mounts<M>()
  }

  mountVolume(options: VolumeOptions<VolumeIdOf<M>>): Mounts<M> {
    return new Mounts([...this.entries, { kind: 'volume', ...options }])
  }

  mountAssets(options: AssetsOptions): Mounts<M> {
    return new Mounts([...this.entries, { kind: 'assets', ...options }])
  }

  mountDependency(options: DependencyOptions<DependencyIdOf<M>>): Mounts<M> {
    return new Mounts([...this.entries, { kind: 'dependency', ...options }])
  }

  /** The mounts in the order in which they are made. Throws when two share a mountpoint. */
  build(): MountEntry[] {
    const seen = new Set<string>()
    for (const { mountpoint } of this.entries) {
      if (seen.has(mountpoint)) throw new Error(`cannot mount more than once to mountpoint ${mountpoint}`)
      seen.add(mountpoint)
    }
    const order = ['volume', 'assets', 'dependency']
    return this.entries.toSorted((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind))
  }
}

/** Makes one mount below the root of a subcontainer. */
export async function mount(effects: Effects, rootfs: string, entry: MountEntry): Promise<void> {
  const target = join(rootfs, entry.mountpoint)
  if (entry.kind === 'dependency') {
    await prepare(target, 'directory')
    await effects.mount(dependencyMount(target, entry) as Parameters<Effects['mount']>[0])
    return
  }
  const base =
    entry.kind === 'volume' ? join(CONTAINER_PATHS.volumes, entry.volumeId) : CONTAINER_PATHS.assets
  const source = join(base, entry.subpath ?? '')
  const kind = await kindOf(source, entry.type ?? 'directory')
  // Assets are a read-only image: what is not in there cannot be made.
  if (entry.kind === 'volume') await prepare(source, kind)
  await prepare(target, kind)
  await run(bindMountArgv({ source, target, kind, entry }))
}

export function bindMountArgv(options: {
  source: string
  target: string
  kind: 'directory' | 'file'
  entry: MountEntry
}): string[] {
  const { source, target, kind, entry } = options
  const idmaps = (entry.idmap ?? []).flatMap(({ fromId, toId, range = 1 }) => [
    '--idmap',
    `${fromId}:${toId}:${range}`,
  ])
  return [
    'start-container',
    'bind-mount',
    '--source',
    source,
    '--target',
    target,
    '--recursive',
    ...(kind === 'file' ? ['--file'] : []),
    ...('readonly' in entry && entry.readonly ? ['--readonly'] : []),
    ...idmaps,
  ]
}

function dependencyMount(location: string, entry: MountEntry & { kind: 'dependency' }) {
  return {
    location,
    target: {
      type: 'pointer',
      packageId: entry.dependencyId,
      volumeId: entry.volumeId,
      subpath: entry.subpath,
      readonly: entry.readonly,
      filetype: entry.type ?? 'directory',
      idmap: entry.idmap ?? [],
    },
  }
}

async function kindOf(path: string, type: MountType): Promise<'directory' | 'file'> {
  if (type !== 'infer') return type
  const found = await stat(path).catch(() => null)
  return found?.isFile() ? 'file' : 'directory'
}

/** Makes the file or directory where there is none; an empty one of the other kind is replaced. */
async function prepare(path: string, kind: 'directory' | 'file'): Promise<void> {
  const found = await stat(path).catch(() => null)
  if (kind === 'directory') {
    if (found?.isFile() && found.size === 0) await unlink(path)
    await mkdir(path, { recursive: true })
    return
  }
  if (found?.isDirectory() && (await readdir(path)).length === 0) await rmdir(path)
  else if (found) return
  await mkdir(dirname(path), { recursive: true })
  await (await open(path, 'a')).close()
}
