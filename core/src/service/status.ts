import type { DesiredStatus, StatusInfo } from '@startd/base/model.ts'

/** The status of a service that was never started. */
export const newStatus = (): StatusInfo => ({
  health: {},
  error: null,
  started: null,
  desired: { main: 'stopped' },
})

/** What a service is to be brought to next; `none` leaves a transition under way alone. */
export type Transition = 'start' | 'stop' | 'backup' | 'none'

/** The transition that wanted and actual state ask for (service-runtime.md §6.1). */
export function transitionFor({ desired, started }: StatusInfo): Transition {
  switch (desired.main) {
    case 'running':
      return started === null ? 'start' : 'none'
    case 'restarting':
      return started === null ? 'start' : 'stop'
    case 'stopped':
      return started === null ? 'none' : 'stop'
    case 'backing-up':
      return started === null ? 'backup' : 'stop'
    default:
      return desired satisfies never
  }
}

/*
 * The operations on a status (service-runtime.md §5.1). Each changes the given draft inside one
 * mutation of the database.
 */

/** A fresh container: nothing runs in it yet. */
export function initialized(status: StatusInfo): void {
  status.started = null
  status.health = {}
  const { desired } = status
  if (desired.main === 'backing-up') afterBackup(status)
  else if (desired.main === 'restarting') status.desired = { main: 'running' }
}

/** A person wants the service to run. */
export function start(status: StatusInfo): void {
  const { desired } = status
  if (desired.main === 'backing-up') status.desired = { main: 'backing-up', onComplete: 'start' }
  else if (desired.main === 'stopped') status.desired = { main: 'running' }
}

/** A person, a critical task or the service itself wants it not to run. */
export function stop(status: StatusInfo): void {
  status.health = {}
  status.desired =
    status.desired.main === 'backing-up' ? { main: 'backing-up', onComplete: 'stop' } : { main: 'stopped' }
}

/** Restart of a service that is to run; a stopped one stays stopped. */
export function restart(status: StatusInfo): void {
  status.health = {}
  const { desired } = status
  if (desired.main === 'running') status.desired = { main: 'restarting', restartAgain: false }
  else if (desired.main === 'restarting' && status.started === null) {
    status.desired = { main: 'restarting', restartAgain: true }
  }
}

/** The service's main runs since `now` (RFC 3339). */
export function started(status: StatusInfo, now: string): void {
  status.started ??= now
  const { desired } = status
  if (desired.main !== 'restarting') return
  status.desired = desired.restartAgain ? { main: 'restarting', restartAgain: false } : { main: 'running' }
}

/** The service's main has ended. */
export function stopped(status: StatusInfo): void {
  status.started = null
  status.health = {}
}

/** A backup is to be made; what ran before runs again after it. */
export function backingUp(status: StatusInfo): void {
  const { desired } = status
  const onComplete = wantsToRun(desired) ? 'start' : 'stop'
  status.desired = { main: 'backing-up', onComplete }
}

/** The backup has ended, well or not. */
export function afterBackup(status: StatusInfo): void {
  const { desired } = status
  if (desired.main !== 'backing-up') return
  status.desired = { main: desired.onComplete === 'start' ? 'running' : 'stopped' }
}

/** The deprecated word of older packages about their own main (effects.md §4). */
export function setMainStatus(status: StatusInfo, main: 'running' | 'stopped', now: string): void {
  if (main === 'stopped') {
    status.started = null
    return
  }
  if (status.started === null && status.desired.main === 'restarting') status.desired = { main: 'running' }
  status.started = now
}

function wantsToRun(desired: DesiredStatus): boolean {
  if (desired.main === 'backing-up') return desired.onComplete === 'start'
  return desired.main !== 'stopped'
}
