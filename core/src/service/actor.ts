import { setTimeout as delay } from 'node:timers/promises'
import type { StatusInfo } from '@startd/base/model.ts'
import { CodedError } from '@startd/base/errors.ts'
import { formatPointer } from '@startd/patch-db'
import { packagePath } from './callbacks.ts'
import { Deadline } from './deadline.ts'
import { changeStatus, statusError, type Db } from './model.ts'
import * as status from './status.ts'

/** How long an actor waits, in ms. */
export interface ActorTiming {
  /** Pause after a first failure, and the longest; each failure in a row doubles it. */
  readonly firstRetry: number
  readonly longestRetry: number
  /** How long main may show no sign of life while it starts. */
  readonly start: number
  /** What is left of that once the service is to stop anyway. */
  readonly unwanted: number
  readonly stop: number
}

const TIMING: ActorTiming = {
  firstRetry: 5_000,
  longestRetry: 300_000,
  start: 15 * 60_000,
  unwanted: 60_000,
  stop: 5 * 60_000,
}

/** What an actor asks of its service. */
export interface ActorTarget {
  readonly id: string
  /** The package's main runs when this fulfils. */
  startMain(signal: AbortSignal): Promise<void>
  stopMain(signal: AbortSignal): Promise<void>
  backup(): Promise<void>
  /** The runtime does not answer in time: only a fresh container helps. */
  replaceContainer(reason: CodedError): void
}

export interface ActorOptions {
  db: Db
  target: ActorTarget
  now: () => Date
  log: (line: string) => void
  timing?: ActorTiming
}

type Work = Exclude<status.Transition, 'none'>
type Outcome = { ok: true } | { ok: false; error: unknown }

/** The pause before the attempt that follows `failures` failures in a row, in ms. */
export const retryPause = (failures: number, { firstRetry, longestRetry } = TIMING): number =>
  Math.min(longestRetry, firstRetry * 2 ** Math.min(failures - 1, 20))

/**
 * Brings one service to the state that the database wants, one transition at a time, for as long
 * as its container lives (service-runtime.md §6.1).
 */
export class Actor {
  readonly #options: ActorOptions
  readonly #timing: ActorTiming
  readonly #ended = new AbortController()
  #deadline: Deadline | null = null
  #finished: Promise<void> = Promise.resolve()

  constructor(options: ActorOptions) {
    this.#options = options
    this.#timing = options.timing ?? TIMING
  }

  run(): void {
    this.#finished = this.#reconcile().catch((error: unknown) => {
      if (!this.#ended.signal.aborted) this.#options.log(`actor ended: ${String(error)}`)
    })
  }

  /** The service showed life: a long start is not a hung one. */
  touch(): void {
    this.#deadline?.touch()
  }

  /** Ends the loop; a transition under way is no longer waited for. */
  async end(): Promise<void> {
    this.#ended.abort(new CodedError('Cancelled', 'the service is being unloaded'))
    await this.#finished
  }

  async #reconcile(): Promise<void> {
    const { db, target } = this.#options
    const { signal } = this.#ended
    using watcher = db.watch(formatPointer(packagePath(target.id, 'statusInfo')))
    let work: { kind: Work; outcome: Promise<Outcome> } | null = null
    let failures = 0
    let pause: { until: number; for: StatusInfo } | null = null
    for (;;) {
      signal.throwIfAborted()
      const now = watcher.peekAndMarkSeen() as unknown as StatusInfo | undefined
      if (now === undefined) return
      if (pause && changedWish(pause.for, now)) {
        pause = null
        failures = 0
      }
      const wanted = status.transitionFor(now)
      if (work?.kind === 'start' && now.desired.main === 'stopped')
        this.#deadline?.shorten(this.#timing.unwanted)
      if (!work && !pause && wanted !== 'none') work = { kind: wanted, outcome: this.#perform(wanted) }
      if (!work && now.desired.main === 'stopped' && now.started === null && now.error !== null) {
        await this.#show(null)
      }
      using waits = new Waits(signal)
      const event = await Promise.race([
        watcher.changed(waits.signal).then(() => 'changed' as const),
        ...(work ? [work.outcome] : []),
        ...(pause ? [delay(Math.max(0, pause.until - Date.now()), 'retry' as const, waits)] : []),
      ])
      if (event === 'retry') pause = null
      else if (event !== 'changed') {
        work = null
        if (event.ok) failures = 0
        else {
          failures++
          pause = { until: Date.now() + retryPause(failures, this.#timing), for: now }
          await this.#report(event.error, failures)
        }
      }
    }
  }

  async #perform(kind: Work): Promise<Outcome> {
    try {
      await this.#transition(kind)
      return { ok: true }
    } catch (error) {
      if (error instanceof CodedError && error.kind === 'Timeout' && kind !== 'backup') {
        this.#options.target.replaceContainer(error)
      }
      return { ok: false, error }
    } finally {
      this.#deadline = null
    }
  }

  async #transition(kind: Work): Promise<void> {
    const { db, target, now } = this.#options
    switch (kind) {
      case 'start': {
        using deadline = new Deadline('starting the service', this.#timing.start)
        this.#deadline = deadline
        await target.startMain(AbortSignal.any([deadline.signal, this.#ended.signal]))
        await changeStatus(db, target.id, (info) => {
          status.started(info, now().toISOString())
          info.error = null
        })
        return
      }
      case 'stop': {
        using deadline = new Deadline('stopping the service', this.#timing.stop)
        await target.stopMain(AbortSignal.any([deadline.signal, this.#ended.signal]))
        await changeStatus(db, target.id, status.stopped)
        return
      }
      case 'backup':
        try {
          await target.backup()
        } finally {
          await changeStatus(db, target.id, status.afterBackup)
        }
        return
      default:
        kind satisfies never
    }
  }

  /** Leaves the last failure where a person sees it. */
  async #report(error: unknown, failures: number): Promise<void> {
    if (this.#ended.signal.aborted) return
    this.#options.log(
      `attempt ${failures} failed, next in ${retryPause(failures, this.#timing) / 1000} s: ${String(error)}`,
    )
    await this.#show(statusError(error))
  }

  /** What cannot be shown, on a full disk for example, must not end the care for the service. */
  async #show(error: StatusInfo['error']): Promise<void> {
    const { db, target, log } = this.#options
    try {
      await changeStatus(db, target.id, (info) => {
        info.error = error
      })
    } catch (cause) {
      log(`its status could not be written: ${String(cause)}`)
    }
  }
}

/** Whether a person or the service asked for something else meanwhile; then a pause makes no sense. */
function changedWish(before: StatusInfo, now: StatusInfo): boolean {
  return before.desired !== now.desired || before.started !== now.started
}

/** Ends the losing waits of a race. */
class Waits implements Disposable {
  readonly #controller = new AbortController()
  readonly signal: AbortSignal

  constructor(parent: AbortSignal) {
    this.signal = AbortSignal.any([parent, this.#controller.signal])
  }

  [Symbol.dispose](): void {
    this.#controller.abort()
  }
}
