import { newGuid } from '@startd/base/base32.ts'
import type { EffectParams } from '@startd/base/effects.ts'
import { CodedError } from '@startd/base/errors.ts'
import { manifestOf } from '@startd/base/model.ts'
import { CONTAINER_PATHS } from '@startd/base/runtime-rpc.ts'
import { readDataVersion, writeDataVersion } from '../data-version.ts'
import { entryOf } from '../model.ts'
import type { EffectsHost, Handlers } from './host.ts'

/** Data version, volumes of others, and roots of subcontainers (effects.md §9, §10). */
export function files({
  id,
  db,
  paths,
  container,
  s9pk,
  images,
}: Pick<EffectsHost, 'id' | 'db' | 'paths' | 'container' | 's9pk' | 'images'>): Handlers<
  'set-data-version' | 'get-data-version' | 'mount' | 'subcontainer.create-fs' | 'subcontainer.destroy-fs'
> {
  return {
    'set-data-version': async ({ version }) => {
      await writeDataVersion(paths, id, version)
      return null
    },
    'get-data-version': () => readDataVersion(paths, id),
    mount: async ({ location, target }) => {
      assertMayMount(target)
      const volume = paths.volume(target.packageId, target.volumeId)
      await container.mountVolume(volume, safePath(location), {
        subpath: safePath(target.subpath ?? '').slice(1) || '.',
        create: !target.readonly,
        readonly: target.readonly,
        idmap: target.idmap,
      })
      return null
    },
    'subcontainer.create-fs': async ({ imageId }) => {
      if (!images.has(imageId)) throw new CodedError('NotFound', `image ${imageId} not found in s9pk`)
      const guid = newGuid()
      return [await container.createOverlay(`${CONTAINER_PATHS.images}/${imageId}`, guid), guid]
    },
    'subcontainer.destroy-fs': async ({ guid }) => {
      await container.destroyOverlay(guid)
      return null
    },
  }

  /**
   * Only volumes that exist, of the package itself or of one that its manifest names: a person could see that before
   * the install. What the package sets as dependencies while it runs gives it nothing.
   */
  function assertMayMount({ packageId, volumeId }: EffectParams<'mount'>['target']): void {
    if (packageId !== id && !Object.hasOwn(s9pk.manifest.dependencies, packageId)) {
      throw new CodedError(
        'InvalidRequest',
        `“${packageId}” is not a dependency of “${id}”: its data is not to be mounted`,
      )
    }
    const { volumes } = manifestOf(entryOf(db.peek(), packageId).stateInfo)
    if (!volumes.includes(volumeId)) {
      throw new CodedError('NotFound', `“${packageId}” has no volume “${volumeId}”`)
    }
  }
}

/** An absolute path without `..`; the driver follows no symbolic link on the way. */
function safePath(path: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.')
  if (parts.includes('..') || path.includes('\0')) {
    throw new CodedError('InvalidRequest', `“${path}” leaves the place that it may name`)
  }
  return `/${parts.join('/')}`
}
