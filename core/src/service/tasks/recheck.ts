import { newGuid } from '@startd/base/base32.ts'
import type { Database } from '@startd/base/model.ts'
import type { ServiceActions } from '../actions.ts'
import { findEntry, own, type Db } from '../model.ts'
import { updateTasks } from './update.ts'

export interface TaskRecheckOptions {
  id: string
  db: Db
  actions: Pick<ServiceActions, 'getInput'>
  log: (line: string) => void
}

/**
 * Looks again at the tasks that depend on the present input of this service's actions, after its
 * init and after each export of an action (service-runtime.md §6.3). Requests during a pass are
 * gathered into the next one; nothing happens before `begin`.
 */
export class TaskRecheck {
  readonly #options: TaskRecheckOptions
  readonly #requested = new Set<string>()
  #begun = false
  #running: Promise<void> | null = null

  constructor(options: TaskRecheckOptions) {
    this.#options = options
  }

  request(actionId: string): void {
    this.#requested.add(actionId)
    if (this.#begun) void this.#pass()
  }

  /** The runtime is initialised: all actions are looked at; fulfils when that is done. */
  async begin(): Promise<void> {
    this.#begun = true
    const { db, id } = this.#options
    for (const actionId of Object.keys(findEntry(db.peek(), id)?.actions ?? {})) this.#requested.add(actionId)
    await this.#pass()
  }

  #pass(): Promise<void> {
    this.#running ??= this.#drain().finally(() => {
      this.#running = null
    })
    return this.#running
  }

  async #drain(): Promise<void> {
    const { db, id, log } = this.#options
    for (const actionId of this.#requested) {
      this.#requested.delete(actionId)
      if (!isAwaited(db.peek(), id, actionId)) continue
      try {
        await this.#check(actionId)
      } catch (error) {
        log(`tasks for action ${actionId} could not be checked: ${String(error)}`)
      }
    }
  }

  async #check(actionId: string): Promise<void> {
    const { db, id, actions } = this.#options
    const input = await actions.getInput(actionId, null, newGuid())
    if (!input) return
    await db.mutate((model) => {
      updateTasks(model.public.packageData, { packageId: id, actionId }, input.value ?? {}, false)
    })
  }
}

/** Whether any task waits for the input of this action, and the action has one. */
function isAwaited(model: Database, packageId: string, actionId: string): boolean {
  const metadata = own(findEntry(model, packageId)?.actions ?? {}, actionId)
  if (!metadata?.hasInput) return false
  return Object.values(model.public.packageData).some(({ tasks }) =>
    Object.values(tasks).some(
      ({ task }) => task.packageId === packageId && task.actionId === actionId && task.input !== null,
    ),
  )
}
