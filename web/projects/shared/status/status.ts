import type { PackageDataEntry } from '@startd/base/model.ts'

/** What a service is doing, as a person would say it. */
export type StatusKind =
  | 'installing'
  | 'updating'
  | 'restoring'
  | 'removing'
  | 'error'
  | 'task-required'
  | 'starting'
  | 'running'
  | 'stopping'
  | 'stopped'
  | 'restarting'
  | 'backing-up'

export type Tone = 'positive' | 'info' | 'warning' | 'negative' | 'neutral'

/** A wish that was sent and that the server has not confirmed yet. */
export type PendingCommand = 'start' | 'stop' | 'restart'

export interface Status {
  kind: StatusKind
  tone: Tone
  /** Something is under way that ends by itself. */
  busy: boolean
  /** Runs, but wants a look: a required task, or a check that fails. */
  attention: 'task' | 'health' | null
  canStart: boolean
  canStop: boolean
  canRestart: boolean
}

type Watched = Pick<PackageDataEntry, 'stateInfo' | 'statusInfo' | 'tasks'>

const TONES: Record<StatusKind, Tone> = {
  installing: 'info',
  updating: 'info',
  restoring: 'info',
  removing: 'info',
  error: 'negative',
  'task-required': 'warning',
  starting: 'info',
  running: 'positive',
  stopping: 'info',
  stopped: 'neutral',
  restarting: 'info',
  'backing-up': 'info',
}

const SETTLED: readonly StatusKind[] = ['error', 'task-required', 'running', 'stopped']

/**
 * The status that the pages show (db-model.md §5.2). Unlike in StartOS, a required task of a service that
 * runs does not hide that it runs: it stays stoppable, with `attention` beside it.
 */
export function statusOf(entry: Watched, pending: PendingCommand | null = null): Status {
  const kind = kindOf(entry, pending)
  const attention = kind === 'running' || kind === 'starting' ? attentionOf(entry) : null
  // Whatever broke, the wish can still be changed.
  const isWanted = kind === 'error' && entry.statusInfo.desired.main !== 'stopped'
  return {
    kind,
    tone: attention ? 'warning' : TONES[kind],
    busy: !SETTLED.includes(kind),
    attention,
    canStart: kind === 'stopped' || (kind === 'error' && !isWanted),
    canStop: kind === 'running' || kind === 'starting' || kind === 'restarting' || isWanted,
    canRestart: kind === 'running' || isWanted,
  }
}

/** Whether an active critical task stands against starting the service. */
export function needsTask(entry: Pick<PackageDataEntry, 'tasks'>): boolean {
  return Object.values(entry.tasks ?? {}).some(({ active, task }) => active && task.severity === 'critical')
}

function kindOf(entry: Watched, pending: PendingCommand | null): StatusKind {
  const { state } = entry.stateInfo
  if (state !== 'installed') return state
  const { desired, started, error } = entry.statusInfo
  if (error) return 'error'
  if (pending === 'start') return 'starting'
  if (pending === 'stop') return 'stopping'
  if (pending === 'restart') return 'restarting'
  switch (desired.main) {
    case 'running':
      return started === null || isComingUp(entry) ? 'starting' : 'running'
    case 'stopped':
      if (started !== null) return 'stopping'
      return needsTask(entry) ? 'task-required' : 'stopped'
    case 'restarting':
    case 'backing-up':
      return desired.main
    default:
      return desired satisfies never
  }
}

function isComingUp({ statusInfo }: Watched): boolean {
  return Object.values(statusInfo.health ?? {}).some(
    ({ result }) => result === 'starting' || result === 'waiting',
  )
}

function attentionOf(entry: Watched): Status['attention'] {
  if (needsTask(entry)) return 'task'
  const fails = Object.values(entry.statusInfo.health ?? {}).some(({ result }) => result === 'failure')
  return fails ? 'health' : null
}
