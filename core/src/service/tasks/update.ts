import type { PackageDataEntry } from '@startd/base/model.ts'
import type { TaskEntry } from '@startd/base/service-schemas.ts'
import { stop } from '../status.ts'
import { conflicts, includes } from './match.ts'

/** What becomes of one task when the input of its action is `input` (service-runtime.md §6.3). */
export type TaskOutcome = 'remove' | 'keep' | 'activate' | 'deactivate'

export function taskOutcome(entry: TaskEntry, input: unknown, wasRun: boolean): TaskOutcome {
  const { when, input: wanted } = entry.task
  if (when === null) return wasRun ? 'remove' : 'keep'
  const accept = wanted?.accept ?? []
  if (accept.some((partial) => includes(input, partial))) {
    if (when.once) return wasRun ? 'remove' : 'keep'
    return 'deactivate'
  }
  return accept.length > 0 && accept.every((partial) => conflicts(partial, input)) ? 'activate' : 'keep'
}

export const isCritical = ({ active, task }: TaskEntry): boolean => active && task.severity === 'critical'

export const hasCriticalTask = (entry: Pick<PackageDataEntry, 'tasks'>): boolean =>
  Object.values(entry.tasks).some(isCritical)

/** Applies `input` of an action to every package's tasks that point at it; stops packages that must not run now. */
export function updateTasks(
  packages: Record<string, PackageDataEntry>,
  target: { packageId: string; actionId: string },
  input: unknown,
  wasRun: boolean,
): void {
  for (const owner of Object.values(packages)) {
    for (const [replayId, entry] of Object.entries(owner.tasks)) {
      const { packageId, actionId } = entry.task
      if (packageId !== target.packageId || actionId !== target.actionId) continue
      switch (taskOutcome(entry, input, wasRun)) {
        case 'remove':
          delete owner.tasks[replayId]
          break
        case 'deactivate':
          entry.active = false
          break
        case 'activate':
          entry.active = true
          if (isCritical(entry)) stop(owner.statusInfo)
          break
        case 'keep':
      }
    }
  }
}

/** Removes a package's tasks for itself whose action it no longer has; done when an install completes. */
export function dropVanishedTasks(id: string, entry: PackageDataEntry): void {
  for (const [replayId, { task }] of Object.entries(entry.tasks)) {
    if (task.packageId === id && !Object.hasOwn(entry.actions, task.actionId)) delete entry.tasks[replayId]
  }
}
