import type { CheckDependenciesResult } from '@startd/base/effects.ts'
import { ExtendedVersion, VersionRange } from '@startd/base/exver/index.ts'
import type { DependencyRequirement } from '@startd/base/service-schemas.ts'
import type { Effects } from '../effects.ts'

interface Dependency {
  requirement: DependencyRequirement
  found: CheckDependenciesResult
}

/** How the services that this one needs are doing (sdk.md §17). */
export class CheckDependencies<Id extends string = string> {
  readonly dependencies: readonly Dependency[]

  constructor(dependencies: readonly Dependency[]) {
    this.dependencies = dependencies
  }

  infoFor(id: Id): { requirement: DependencyRequirement; result: CheckDependenciesResult } {
    const { requirement, found } = this.pick(id)[0]!
    return { requirement, result: found }
  }

  installedSatisfied(id?: Id): boolean {
    return this.pick(id).every((dependency) => !notInstalled(dependency))
  }

  installedVersionSatisfied(id?: Id): boolean {
    return this.pick(id).every((dependency) => !wrongVersion(dependency))
  }

  runningSatisfied(id?: Id): boolean {
    return this.pick(id).every((dependency) => !notRunning(dependency))
  }

  tasksSatisfied(id?: Id): boolean {
    return this.pick(id).every((dependency) => !openTasks(dependency))
  }

  healthCheckSatisfied(id: Id, healthCheckId?: string): boolean {
    return this.pick(id).every((dependency) => failingChecks(dependency, healthCheckId).length === 0)
  }

  satisfied(id?: Id): boolean {
    return this.problems(this.pick(id)).length === 0
  }

  throwIfInstalledNotSatisfied(id?: Id): null {
    return refuse(this.pick(id).map(notInstalled))
  }

  throwIfInstalledVersionNotSatisfied(id?: Id): null {
    return refuse(this.pick(id).map(wrongVersion))
  }

  throwIfRunningNotSatisfied(id?: Id): null {
    return refuse(this.pick(id).map(notRunning))
  }

  throwIfTasksNotSatisfied(id?: Id): null {
    return refuse(this.pick(id).map(openTasks))
  }

  throwIfHealthNotSatisfied(id: Id, healthCheckId?: string): null {
    return refuse(this.pick(id).flatMap((dependency) => failingChecks(dependency, healthCheckId)))
  }

  throwIfNotSatisfied(id?: Id): null {
    return refuse(this.problems(this.pick(id)))
  }

  pick(id?: Id): readonly Dependency[] {
    if (id === undefined) return this.dependencies
    const found = this.dependencies.filter(({ requirement }) => (requirement.id as string) === id)
    if (found.length === 0) throw new Error(`${id} is not a current dependency of this service`)
    return found
  }

  problems(dependencies: readonly Dependency[]): string[] {
    return dependencies
      .flatMap((dependency) => [
        notInstalled(dependency) ?? wrongVersion(dependency),
        notRunning(dependency),
        openTasks(dependency),
        ...failingChecks(dependency),
      ])
      .filter((problem) => problem !== null)
  }
}

export async function checkDependencies<Id extends string>(
  effects: Effects,
  packageIds?: Id[],
): Promise<CheckDependencies<Id>> {
  const [requirements, results] = await Promise.all([
    effects.getDependencies(),
    effects.checkDependencies(packageIds ? { packageIds } : {}),
  ])
  const dependencies = results.flatMap((found) => {
    const requirement = requirements.find(({ id }) => id === found.packageId)
    return requirement ? [{ requirement, found }] : []
  })
  return new CheckDependencies(dependencies)
}

function nameOf({ found }: Dependency): string {
  return found.title ?? found.packageId
}

function notInstalled(dependency: Dependency): string | null {
  return dependency.found.installedVersion === null ? `${nameOf(dependency)} is not installed` : null
}

function wrongVersion(dependency: Dependency): string | null {
  const { installedVersion, satisfies } = dependency.found
  if (installedVersion === null) return notInstalled(dependency)
  const range = VersionRange.parse(dependency.requirement.versionRange)
  const fits = [installedVersion, ...satisfies].some((version) =>
    range.satisfiedBy(ExtendedVersion.parse(version)),
  )
  return fits
    ? null
    : `${nameOf(dependency)} ${installedVersion} is installed, but ${range.toString()} is needed`
}

function notRunning(dependency: Dependency): string | null {
  const needed = dependency.requirement.kind === 'running'
  return needed && !dependency.found.isRunning ? `${nameOf(dependency)} is not running` : null
}

function openTasks(dependency: Dependency): string | null {
  const open = Object.values(dependency.found.tasks).some(
    ({ active, task }) => active && task.severity === 'critical',
  )
  return open ? `${nameOf(dependency)} has a critical task to be done` : null
}

function failingChecks(dependency: Dependency, only?: string): string[] {
  const { requirement, found } = dependency
  const needed = requirement.kind === 'running' ? requirement.healthChecks : []
  return (only === undefined ? needed : [only]).flatMap((id) => {
    const check = found.healthChecks[id]
    if (check?.result === 'success') return []
    return [
      `${nameOf(dependency)}: ${check ? `${check.name} ${check.message ?? check.result}` : `${id} is not known`}`,
    ]
  })
}

function refuse(problems: readonly (string | null)[]): null {
  const found = problems.filter((problem) => problem !== null)
  if (found.length > 0) throw new Error(found.join('; '))
  return null
}
