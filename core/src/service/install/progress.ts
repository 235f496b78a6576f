import { ratio, type FullProgress, type Progress } from '@startd/base/progress.ts'

/** One named part of a longer work. */
export interface ProgressPhase {
  /** The measure so far, in `units`; more than the total counts as the total. */
  set(done: number): void
  setTotal(total: number | null, units?: 'bytes' | 'steps'): void
  /** Takes over a whole value, also a nested one, as a service reports it. */
  replace(progress: Progress): void
  start(): void
  complete(): void
}

interface PhaseState {
  name: string
  weight: number
  progress: Progress
  /** Share of the weight that the overall measure has counted; it never goes back. */
  counted: number
}

/** Phases with weights that add up to one overall measure (service-runtime.md §7.7). */
export class ProgressTracker {
  readonly #phases: PhaseState[] = []
  readonly #changed: () => void
  #complete = false

  /** `changed` is called after each change. */
  constructor(changed: () => void = () => undefined) {
    this.#changed = changed
  }

  addPhase(name: string, weight: number): ProgressPhase {
    const phase: PhaseState = { name, weight, progress: null, counted: 0 }
    this.#phases.push(phase)
    const put = (progress: Progress) => {
      if (this.#complete) return
      phase.progress = progress
      phase.counted = Math.max(phase.counted, Math.floor((ratio(progress) ?? 0) * weight))
      this.#changed()
    }
    const measured = () =>
      phase.progress !== null && typeof phase.progress === 'object' && 'done' in phase.progress
        ? phase.progress
        : { done: 0, total: null, units: null }
    return {
      set: (done) => {
        const { total, units } = measured()
        put({ done: total === null ? done : Math.min(done, total), total, units })
      },
      setTotal: (total, units) => {
        const now = measured()
        put({ done: now.done, total, units: units ?? now.units })
      },
      replace: (progress) => {
        put(clamped(progress))
      },
      start: () => {
        if (phase.progress === null) put(false)
      },
      complete: () => {
        put(true)
      },
    }
  }

  /** Everything is done; later changes are ignored. */
  complete(): void {
    for (const phase of this.#phases) phase.progress = true
    this.#complete = true
    this.#changed()
  }

  snapshot(): FullProgress {
    const total = this.#phases.reduce((sum, { weight }) => sum + weight, 0)
    const done = this.#phases.reduce((sum, { counted }) => sum + counted, 0)
    return {
      overall: this.#complete ? true : { done, total, units: null },
      phases: this.#phases.map(({ name, progress }) => ({ name, progress })),
    }
  }
}

function clamped(progress: Progress): Progress {
  if (progress === null || typeof progress === 'boolean') return progress
  if ('overall' in progress) {
    return {
      overall: clamped(progress.overall),
      phases: progress.phases.map(({ name, progress: part }) => ({ name, progress: clamped(part) })),
    }
  }
  return progress.total === null ? progress : { ...progress, done: Math.min(progress.done, progress.total) }
}
