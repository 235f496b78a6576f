import type { PackageDataEntry } from '@startd/base/model.ts'
import type { Task } from '@startd/base/service-schemas.ts'
import { statusOf } from '../../../../../shared/status/status.ts'

export type TaskBlock = 'package-missing' | 'action-missing' | 'busy' | 'only-running' | 'only-stopped'

/** Why a task cannot be run now: a key of the texts, the package’s own reason, or null when it can. */
export function taskBlock(
  task: Task,
  packages: Record<string, PackageDataEntry>,
): { known: TaskBlock } | { said: string } | null {
  const target = packages[task.packageId]
  if (!target || target.stateInfo.state === 'installing') return { known: 'package-missing' }
  const action = target.actions[task.actionId]
  if (!action) return { known: 'action-missing' }
  if (typeof action.visibility === 'object') return { said: action.visibility.disabled }
  return actionBlock(action.allowedStatuses, target)
}

/** Whether the service’s state stands against an action. */
export function actionBlock(
  allowed: 'any' | 'only-running' | 'only-stopped',
  target: PackageDataEntry,
): { known: TaskBlock } | null {
  const { kind } = statusOf(target)
  if (['installing', 'updating', 'restoring', 'removing', 'backing-up'].includes(kind))
    return { known: 'busy' }
  const runs = target.statusInfo.started !== null
  if (allowed === 'only-running' && !runs) return { known: 'only-running' }
  return allowed === 'only-stopped' && runs ? { known: 'only-stopped' } : null
}
