import { CodedError } from '@startd/base/errors.ts'
import {
  ActionInput,
  ActionResult,
  type ActionMetadata,
  type ActionResultV1,
} from '@startd/base/service-schemas.ts'
import { Deadline } from './deadline.ts'
import { EventLock } from './event-lock.ts'
import { entryOf, own, type Db } from './model.ts'
import type { RuntimeClient } from './runtime-client.ts'
import { updateTasks } from './tasks/update.ts'

const INPUT_PATIENCE = 30_000
const RUN_PATIENCE = 120_000

/** Title of a result of the older form, which has none. */
const DONE = 'Action Complete'

export interface ServiceActionsOptions {
  id: string
  db: Db
  client: Pick<RuntimeClient, 'call'>
}

/** The actions of one running service (service-runtime.md §6.2). */
export class ServiceActions {
  readonly #options: ServiceActionsOptions
  readonly #lock = new EventLock()

  constructor(options: ServiceActionsOptions) {
    this.#options = options
  }

  /** The form of an action with its present values; null when it takes no input. Forms may be read at any time. */
  async getInput(
    actionId: string,
    prefill: Record<string, unknown> | null,
    eventId: string,
  ): Promise<ActionInput | null> {
    if (!this.#metadata(actionId).hasInput) return null
    const answer = await this.#execute(actionId, 'getInput', { prefill }, eventId, INPUT_PATIENCE)
    if (answer === null) return null
    const input = ActionInput.safeParse({ ...(answer as object), eventId })
    if (!input.success) throw broken(actionId, 'form', input.error)
    return input.data
  }

  /** Runs an action if its rules allow; then every task that waited for it is looked at again. */
  async run(actionId: string, input: unknown, eventId: string): Promise<ActionResult | null> {
    return await this.#lock.run(eventId, async () => {
      this.#assertAllowed(actionId)
      const answer = await this.#execute(actionId, 'run', { input }, eventId, RUN_PATIENCE)
      const result = ActionResult.nullable().safeParse(answer ?? null)
      if (!result.success) throw broken(actionId, 'result', result.error)
      await this.#options.db.mutate((model) => {
        updateTasks(model.public.packageData, { packageId: this.#options.id, actionId }, input ?? {}, true)
      })
      return result.data
    })
  }

  #metadata(actionId: string): ActionMetadata {
    const { db, id } = this.#options
    const metadata = own(entryOf(db.peek(), id).actions, actionId)
    if (!metadata) throw new CodedError('NotFound', `“${id}” has no action “${actionId}”`)
    return metadata
  }

  #assertAllowed(actionId: string): void {
    const { visibility, allowedStatuses, name } = this.#metadata(actionId)
    if (typeof visibility === 'object')
      throw new CodedError('Action', `“${name}” is disabled: ${visibility.disabled}`)
    const { started } = entryOf(this.#options.db.peek(), this.#options.id).statusInfo
    if (allowedStatuses === 'only-running' && started === null) {
      throw new CodedError('Action', `“${name}” works only while the service is running; start it first`)
    }
    if (allowedStatuses === 'only-stopped' && started !== null) {
      throw new CodedError('Action', `“${name}” works only while the service is stopped; stop it first`)
    }
  }

  async #execute(
    actionId: string,
    step: 'getInput' | 'run',
    input: unknown,
    eventId: string,
    patience: number,
  ): Promise<unknown> {
    using deadline = new Deadline(`the action “${actionId}”`, patience)
    const procedure = `/actions/${actionId}/${step}`
    try {
      return await this.#options.client.call(
        'execute',
        { id: eventId, procedure, input, timeout: patience },
        { signal: deadline.signal },
      )
    } catch (error) {
      if (error instanceof CodedError && error.kind !== 'Timeout') {
        throw new CodedError('Action', error.details, { cause: error })
      }
      throw error
    }
  }
}

/** A result of the older form as one of the newer (rpc-methods.md, `package.action.run`). */
export function liftResult(result: ActionResult | null): ActionResultV1 | null {
  if (result?.version !== '0') return result
  const { message, value, copyable, qr } = result
  return {
    version: '1',
    title: DONE,
    message,
    result: value === null ? null : { type: 'single', value, copyable, qr, masked: false },
  }
}

function broken(actionId: string, what: string, cause: unknown): CodedError {
  return new CodedError('Action', `the ${what} of the action “${actionId}” is not one that can be shown`, {
    cause,
  })
}
