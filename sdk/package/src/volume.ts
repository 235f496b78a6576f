import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { CONTAINER_PATHS } from '@startd/base/container-paths.ts'
import type { SDKManifest, VolumeIdOf } from './manifest/types.ts'

type ReadOptions = Parameters<typeof readFile>[1]
type WriteOptions = Parameters<typeof writeFile>[2]

/** Lasting storage of the service, as its own code reaches it. */
export class Volume<Id extends string = string> {
  readonly id: Id
  readonly path: string

  constructor(id: Id, path = join(CONTAINER_PATHS.volumes, id)) {
    this.id = id
    this.path = path
  }

  subpath(path: string): string {
    return join(this.path, path)
  }

  readFile(path: string, options: ReadOptions = null) {
    return readFile(this.subpath(path), options)
  }

  async writeFile(
    path: string,
    data: Parameters<typeof writeFile>[1],
    options?: WriteOptions,
  ): Promise<void> {
    const file = this.subpath(path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, data, options)
  }
}

export type Volumes<M extends SDKManifest> = { [Id in VolumeIdOf<M>]: Volume<Id> }

export function createVolumes<M extends SDKManifest>(manifest: M): Volumes<M> {
  return Object.fromEntries(manifest.volumes.map((id) => [id, new Volume(id)])) as Volumes<M>
}
