import type { HealthStatus } from './result.ts'

export interface TriggerInput {
  /** The last result; absent before the first check. */
  lastResult?: HealthStatus | undefined
}

/** Yields whenever a health check is due. */
export type Trigger = (getInput: () => TriggerInput) => AsyncIterator<unknown, unknown, undefined>

const SOON = 1_000
const SELDOM = 30_000

/** A pause that does not keep the program alive. */
function interval(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref())
}

/** Every so many milliseconds. */
export function cooldownTrigger(milliseconds: number): Trigger {
  return async function* () {
    for (;;) {
      await interval(milliseconds)
      yield
    }
  }
}

/** An interval for each result; `otherwise` for those not named and before the first. */
export function statusTrigger(otherwise: number, intervals: Partial<Record<HealthStatus, number>>): Trigger {
  return async function* (getInput) {
    for (;;) {
      const { lastResult } = getInput()
      await interval((lastResult && intervals[lastResult]) ?? otherwise)
      yield
    }
  }
}

/** Each second until the service is well, then each half minute. */
export const defaultTrigger: Trigger = (getInput) =>
  statusTrigger(SELDOM, { starting: SOON, waiting: SOON, failure: SOON })(() => ({
    lastResult: getInput().lastResult ?? 'starting',
  }))

/** One interval until the first success, another afterwards. */
export function changeOnFirstSuccess(options: {
  beforeFirstSuccess: Trigger
  afterFirstSuccess: Trigger
}): Trigger {
  return async function* (getInput) {
    const before = options.beforeFirstSuccess(getInput)
    while (getInput().lastResult !== 'success') {
      await before.next()
      yield
    }
    const after = options.afterFirstSuccess(getInput)
    for (;;) {
      await after.next()
      yield
    }
  }
}

/** One interval while the last result was a success, another while it was not. */
export function successFailure(options: { duringSuccess: Trigger; duringError: Trigger }): Trigger {
  return async function* (getInput) {
    const success = options.duringSuccess(getInput)
    const failure = options.duringError(getInput)
    for (;;) {
      await (getInput().lastResult === 'success' ? success : failure).next()
      yield
    }
  }
}
