import type { ServiceInterface } from '@startd/base/host-schemas.ts'
import { CodedError } from '@startd/base/errors.ts'
import type { PackageDataEntry } from '@startd/base/model.ts'
import { packagePath, type WatchPath } from '../callbacks.ts'
import { findEntry } from '../model.ts'
import type { EffectsHost, Handlers } from './host.ts'

/** What of a service a person or program can open (effects.md §11.3). */
export function interfaces({
  id,
  db,
  bindings,
  callbacks,
}: Pick<EffectsHost, 'id' | 'db' | 'bindings' | 'callbacks'>): Handlers<
  | 'export-service-interface'
  | 'export-range-service-interface'
  | 'get-service-interface'
  | 'list-service-interfaces'
  | 'clear-service-interfaces'
> {
  return {
    'export-service-interface': async (params) => {
      await bindings.exportInterface(id, params)
      return null
    },
    'export-range-service-interface': ({ hostId, internalStartPort }) => {
      throw new CodedError(
        'NotFound',
        `there is no range of ports at ${internalStartPort} on host “${hostId}”`,
      )
    },
    'get-service-interface': async ({ packageId, serviceInterfaceId, callback }) => {
      const target = packageId ?? id
      const find = () =>
        all(findEntry(db.peek(), target)).find(({ value }) => value.id === serviceInterfaceId)
      callbacks.onChange(callback, packagePath(target, 'hosts', ...(find()?.path ?? [])))
      return find()?.value ?? null
    },
    'list-service-interfaces': async ({ packageId, callback }) => {
      const target = packageId ?? id
      callbacks.onChange(callback, packagePath(target, 'hosts'))
      return Object.fromEntries(all(findEntry(db.peek(), target)).map(({ value }) => [value.id, value]))
    },
    'clear-service-interfaces': async ({ except }) => {
      await bindings.clearInterfaces(id, except)
      return null
    },
  }
}

/** Every interface of a package, with its path below `hosts`. */
function all(entry: PackageDataEntry | undefined): { path: WatchPath; value: ServiceInterface }[] {
  return Object.entries(entry?.hosts ?? {}).flatMap(([hostId, host]) =>
    Object.entries(host.bindings).flatMap(([port, binding]) =>
      Object.entries(binding.interfaces).map(([interfaceId, value]) => ({
        path: [hostId, 'bindings', port, 'interfaces', interfaceId],
        value,
      })),
    ),
  )
}
