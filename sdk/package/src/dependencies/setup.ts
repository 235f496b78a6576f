import type { Effects } from '../effects.ts'
import type { DependencyIdOf, SDKManifest } from '../manifest/types.ts'

export type Requirement =
  { kind: 'exists'; versionRange: string } | { kind: 'running'; versionRange: string; healthChecks: string[] }

export type CurrentDependencies<M extends SDKManifest> = {
  [Id in DependencyIdOf<M>]?: Requirement | undefined
}

/** An init script that says which other services this one needs as it is set up now. */
export function setupDependencies<M extends SDKManifest>(
  find: (options: { effects: Effects }) => Promise<CurrentDependencies<M>>,
): (effects: Effects) => Promise<null> {
  return async (effects) => {
    const found = Object.entries<Requirement | undefined>(await find({ effects }))
    const dependencies = found.flatMap(([id, requirement]) => (requirement ? [{ id, ...requirement }] : []))
    await effects.setDependencies({ dependencies })
    return null
  }
}
