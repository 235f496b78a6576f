import { newGuid } from '@startd/base/base32.ts'
import type { EffectParams } from '@startd/base/effects.ts'
import { CodedError } from '@startd/base/errors.ts'
import { changeEntry, entryOf, own } from '../model.ts'
import { stop } from '../status.ts'
import { includes } from '../tasks/match.ts'
import { isCritical } from '../tasks/update.ts'
import type { EffectsHost, Handlers } from './host.ts'

type CreateTask = Omit<EffectParams<'action.create-task'>, 'replayId'>

/** What a service asks a person to do (effects.md §6). */
export function tasks({
  id,
  db,
  packages,
}: Pick<EffectsHost, 'id' | 'db' | 'packages'>): Handlers<'action.create-task' | 'action.clear-tasks'> {
  return {
    'action.create-task': async ({ replayId, ...task }) => {
      if (task.when && !task.input) {
        throw new CodedError('InvalidRequest', 'input-not-matches trigger requires input to be specified')
      }
      const matches = task.when ? await inputMatches(task) : false
      if (matches === true && task.when?.once) return null
      await changeEntry(db, id, (entry) => {
        const before = own(entry.tasks, replayId)?.active ?? true
        const active = matches === 'unknown' ? before : !matches
        const created = { active, task }
        entry.tasks[replayId] = created
        if (isCritical(created)) stop(entry.statusInfo)
      })
      return null
    },
    'action.clear-tasks': async ({ only, except }) => {
      const gone = only ? new Set<string>(only) : null
      const kept = except ? new Set<string>(except) : null
      await changeEntry(db, id, (entry) => {
        for (const replayId of Object.keys(entry.tasks)) {
          if (gone?.has(replayId) === true || kept?.has(replayId) === false) delete entry.tasks[replayId]
        }
      })
      return null
    },
  }

  /** Never waits for a service that is being loaded: it might be this one, waiting for the answer. */
  async function inputMatches({ packageId, actionId, input }: CreateTask): Promise<boolean | 'unknown'> {
    if (!packages.isReady(packageId)) return 'unknown'
    const model = db.peek()
    if (!own(entryOf(model, packageId).actions, actionId)?.hasInput) return 'unknown'
    try {
      const current = await packages.actionInput(packageId, actionId, null, newGuid())
      if (!current) return 'unknown'
      return (input?.accept ?? []).some((partial) => includes(current.value ?? {}, partial))
    } catch {
      // The target's own trouble; the task stands as it stood.
      return 'unknown'
    }
  }
}
