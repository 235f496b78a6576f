import type { InstallProgress } from './install-progress.ts'

/** One install under way, from its header on. */
export interface Job {
  readonly id: string
  readonly updating: boolean
  readonly progress: InstallProgress
  readonly signal: AbortSignal
  /** Where the new archive will lie. */
  readonly arriving: string
  /** The new archive, once it is complete. */
  file: string | null
  /** The web addresses that it came from. */
  urls: readonly string[]
  /** Whether the running service or its data may have been changed. */
  touched: boolean
  /** Whether the new version is the installed one; nothing is undone then. */
  committed: boolean
}

type Beginning = Pick<Job, 'id' | 'updating' | 'progress' | 'signal' | 'arriving'>

export function newJob(beginning: Beginning): Job {
  return { ...beginning, file: null, urls: [], touched: false, committed: false }
}
