import type { CheckDependenciesResult } from '@startd/base/effects.ts'
import { CodedError } from '@startd/base/errors.ts'
import { manifestOf, type Database } from '@startd/base/model.ts'
import {
  localize,
  type CurrentDependencyInfo,
  type DependencyRequirement,
} from '@startd/base/service-schemas.ts'
import { packagePath } from '../callbacks.ts'
import { changeEntry, entryOf, findEntry, own } from '../model.ts'
import type { EffectsHost, Handlers } from './host.ts'

/** What a service needs of others, and how they are (effects.md §7). The package judges; the host only tells. */
export function dependencies({
  id,
  db,
  s9pk,
  callbacks,
}: Pick<EffectsHost, 'id' | 'db' | 's9pk' | 'callbacks'>): Handlers<
  | 'set-dependencies'
  | 'get-dependencies'
  | 'check-dependencies'
  | 'get-installed-packages'
  | 'get-service-manifest'
> {
  return {
    'set-dependencies': async ({ dependencies: required }) => {
      const infos = await Promise.all(
        required.map(async (one): Promise<[string, CurrentDependencyInfo]> => {
          const { id: dependency, ...rest } = one
          return [dependency, { ...(await s9pk.dependencyMetadata(dependency)), ...rest }]
        }),
      )
      await changeEntry(db, id, (entry) => {
        entry.currentDependencies = Object.fromEntries(infos)
      })
      return null
    },
    'get-dependencies': () =>
      Object.entries(entryOf(db.peek(), id).currentDependencies).map(([dependency, info]) =>
        requirement(dependency, info),
      ),
    'check-dependencies': ({ packageIds }) => {
      const current = entryOf(db.peek(), id).currentDependencies
      const asked = packageIds ?? Object.keys(current)
      return asked
        .filter((dependency) => Object.hasOwn(current, dependency))
        .map((dependency) => check(db.peek(), id, dependency))
    },
    'get-installed-packages': () => Object.keys(db.peek().public.packageData).sort(),
    'get-service-manifest': async ({ packageId, callback }) => {
      if (!findEntry(db.peek(), packageId)) {
        throw new CodedError('Deserialization', `“${packageId}” is not installed`)
      }
      callbacks.onChange(callback, packagePath(packageId, 'stateInfo'))
      return manifestOf(entryOf(db.peek(), packageId).stateInfo)
    },
  }
}

function requirement(id: string, info: CurrentDependencyInfo): DependencyRequirement {
  const { versionRange } = info
  // Both ids were checked when the package set them.
  return (
    info.kind === 'exists'
      ? { kind: 'exists', id, versionRange }
      : { kind: 'running', id, versionRange, healthChecks: info.healthChecks }
  ) as DependencyRequirement
}

function check(model: Database, caller: string, id: string): CheckDependenciesResult {
  const asking = entryOf(model, caller)
  const tasks = Object.fromEntries(
    Object.entries(asking.tasks).filter(([, { task }]) => task.packageId === id),
  )
  const entry = findEntry(model, id)
  const declared = own(asking.currentDependencies, id)?.title ?? null
  const language = model.public.serverInfo.language ?? 'en_US'
  if (!entry) {
    return {
      packageId: id,
      title: declared === null ? null : localize(declared, language),
      installedVersion: null,
      satisfies: [],
      isRunning: false,
      tasks,
      healthChecks: {},
    }
  }
  const { stateInfo, statusInfo } = entry
  const manifest = 'installingInfo' in stateInfo ? stateInfo.installingInfo.newManifest : stateInfo.manifest
  return {
    packageId: id,
    title: manifest.title,
    installedVersion: manifest.version,
    satisfies: manifest.satisfies,
    isRunning: statusInfo.started !== null,
    tasks,
    healthChecks: statusInfo.health,
  }
}
