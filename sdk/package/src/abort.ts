import type { Effects } from './effects.ts'

/** Ends a watch whose context was left or whose signal was aborted; not worth reporting. */
export class AbortedError extends Error {
  readonly muteUnhandled = true

  constructor() {
    super('aborted')
    this.name = 'AbortedError'
  }
}

/** A signal that aborts when the context is left, or when `parent` does. */
export function leaveSignal(effects: Effects, parent?: AbortSignal): AbortSignal {
  const controller = new AbortController()
  if (!effects.isInContext || parent?.aborted) controller.abort()
  else {
    effects.onLeaveContext(() => controller.abort())
    parent?.addEventListener('abort', () => controller.abort(), { once: true })
  }
  return controller.signal
}

/** Waits for the promise; throws {@link AbortedError} as soon as the signal aborts. */
export function orAborted<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  if (signal.aborted) return Promise.reject(new AbortedError())
  return new Promise<T>((resolve, reject) => {
    const abort = () => reject(new AbortedError())
    signal.addEventListener('abort', abort, { once: true })
    const done = () => signal.removeEventListener('abort', abort)
    promise.then(
      (value) => (done(), resolve(value)),
      (error: unknown) => (done(), reject(error as Error)),
    )
  })
}

/** Waits some milliseconds; returns early, without an error, when the signal aborts. */
export function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve()
    const end = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, milliseconds)
    signal?.addEventListener('abort', end, { once: true })
  })
}
