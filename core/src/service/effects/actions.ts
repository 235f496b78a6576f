import { newGuid } from '@startd/base/base32.ts'
import { CodedError } from '@startd/base/errors.ts'
import { Guid } from '@startd/base/ids.ts'
import { changeEntry, entryOf, own } from '../model.ts'
import type { EffectCall, EffectsHost, Handlers } from './host.ts'

/** Own actions, and running actions of any service that lets this one (effects.md §5). */
export function actions({
  id,
  db,
  packages,
  recheck,
}: Pick<EffectsHost, 'id' | 'db' | 'packages' | 'recheck'>): Handlers<
  'action.export' | 'action.clear' | 'action.get-input' | 'action.run'
> {
  return {
    'action.export': async ({ id: actionId, metadata }) => {
      await changeEntry(db, id, (entry) => {
        entry.actions[actionId] = metadata
      })
      recheck(actionId)
      return null
    },
    'action.clear': async ({ except }) => {
      const kept = new Set<string>(except)
      await changeEntry(db, id, (entry) => {
        for (const actionId of Object.keys(entry.actions)) {
          if (!kept.has(actionId)) delete entry.actions[actionId]
        }
      })
      return null
    },
    'action.get-input': ({ packageId, actionId, prefill }, call) =>
      packages.actionInput(packageId ?? id, actionId, prefill, eventOf(call)),
    'action.run': async ({ packageId, actionId, input }, call) => {
      const target = packageId ?? id
      assertMayRun(target, actionId)
      const eventId = eventOf(call)
      // The package checks input against the form that it made for this event: one must be made.
      await packages.actionInput(target, actionId, null, eventId)
      return await packages.runAction(target, actionId, input ?? null, eventId)
    },
  }

  function assertMayRun(target: string, actionId: string): void {
    if (target === id) return
    const metadata = own(entryOf(db.peek(), target).actions, actionId)
    if (!metadata) throw new CodedError('NotFound', `“${target}” has no action “${actionId}”`)
    const dependsOn = Object.hasOwn(entryOf(db.peek(), id).currentDependencies, target)
    switch (metadata.access) {
      case 'public':
        return
      case 'dependent':
        if (dependsOn) return
        throw new CodedError(
          'InvalidRequest',
          `action ${actionId} of ${target} can only be invoked by services that depend on ${target}`,
        )
      case 'user':
      case null:
        throw new CodedError(
          'InvalidRequest',
          `action ${actionId} of ${target} cannot be invoked directly by other services`,
        )
      default:
        metadata.access satisfies never
    }
  }
}

function eventOf({ eventId }: EffectCall): string {
  const guid = Guid.safeParse(eventId)
  return guid.success ? guid.data : newGuid()
}
