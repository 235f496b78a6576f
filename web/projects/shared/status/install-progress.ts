import type { FullProgress, Progress } from '@startd/base/progress.ts'

export interface ProgressRow {
  name: string
  state: 'waiting' | 'running' | 'done'
  /** 0…1; null where nobody knows how much is left. */
  ratio: number | null
  bytes: { done: number; total: number | null } | null
}

/** Share of a progress that is done, 0…1; null where it cannot be known. */
export function shareOf(progress: Progress): number | null {
  if (progress === null) return 0
  if (typeof progress === 'boolean') return progress ? 1 : null
  if ('overall' in progress) return shareOf(progress.overall)
  return progress.total ? Math.min(1, progress.done / progress.total) : null
}

/** The phases of a job as rows to draw, in order; a nested job is drawn as its sum. */
export function progressRows({ phases }: FullProgress): ProgressRow[] {
  return phases.map(({ name, progress }) => ({
    name,
    state: stateOf(progress),
    ratio: shareOf(progress),
    bytes: bytesOf(progress),
  }))
}

function stateOf(progress: Progress): ProgressRow['state'] {
  if (progress === null) return 'waiting'
  if (progress === true || shareOf(progress) === 1) return 'done'
  return 'running'
}

function bytesOf(progress: Progress): ProgressRow['bytes'] {
  if (progress === null || typeof progress === 'boolean' || 'overall' in progress) return null
  return progress.units === 'bytes' ? { done: progress.done, total: progress.total } : null
}
