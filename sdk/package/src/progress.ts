import { type FullProgress, type Progress, ratio } from '@startd/base/progress.ts'

export type { FullProgress, Progress }
export type ProgressSink = (progress: FullProgress) => Promise<unknown>

interface Phase {
  name: string
  weight: number
  read: () => Progress
}

/** Progress of work in phases. Changes go to the sink: one call under way, the newest state next (sdk.md §18). */
export class FullProgressTracker {
  readonly phases: Phase[] = []
  readonly sink: ProgressSink | null
  done = false
  sending: Promise<void> = Promise.resolve()
  busy = false
  dirty = false

  constructor(sink: ProgressSink | null = null) {
    this.sink = sink
  }

  /** Adds a phase; `weight` is its share in the whole. */
  addPhase(name: string, weight = 1): PhaseHandle {
    const handle = new PhaseHandle(() => this.changed())
    this.phases.push({ name, weight, read: () => handle.progress })
    this.changed()
    return handle
  }

  /** A phase that has phases of its own. */
  addNestedPhase(name: string, weight = 1): FullProgressTracker {
    const nested = new FullProgressTracker(async () => this.changed())
    this.phases.push({ name, weight, read: () => nested.snapshot() })
    this.changed()
    return nested
  }

  getPhase(name: string): Progress | undefined {
    return this.phases.find((phase) => phase.name === name)?.read()
  }

  complete(): void {
    this.done = true
    this.changed()
  }

  snapshot(): FullProgress {
    const phases = this.phases.map(({ name, read }) => ({ name, progress: read() }))
    return { overall: this.done || this.overall(), phases }
  }

  /** Fulfils when the newest state has been sent. */
  async sync(): Promise<void> {
    while (this.busy) await this.sending
  }

  changed(): void {
    this.dirty = true
    if (!this.busy) this.sending = this.send()
  }

  async send(): Promise<void> {
    this.busy = true
    while (this.dirty && this.sink) {
      this.dirty = false
      // Progress is a courtesy: a sink that fails must not fail the work.
      await this.sink(this.snapshot()).catch(() => undefined)
    }
    this.busy = false
  }

  overall(): Progress {
    const started = this.phases.filter(({ read }) => read() !== null)
    if (started.length === 0) return null
    const total = this.phases.reduce((sum, { weight }) => sum + weight, 0)
    const done = this.phases.reduce((sum, { weight, read }) => sum + (ratio(read()) ?? 0) * weight, 0)
    return { done: Math.floor(done), total, units: null }
  }
}

/** One phase: not started, running, measured, or complete. */
export class PhaseHandle {
  readonly changed: () => void
  progress: Progress = null

  constructor(changed: () => void) {
    this.changed = changed
  }

  start(): void {
    if (this.progress === null) this.setRaw(false)
  }

  setDone(done: number): void {
    this.setRaw({ ...this.measure(), done })
  }

  setTotal(total: number): void {
    this.setRaw({ ...this.measure(), total })
  }

  addTotal(more: number): void {
    const measure = this.measure()
    this.setRaw({ ...measure, total: (measure.total ?? 0) + more })
  }

  setUnits(units: 'bytes' | 'steps' | null): void {
    this.setRaw({ ...this.measure(), units })
  }

  complete(): void {
    this.setRaw(true)
  }

  setRaw(progress: Progress): void {
    this.progress = progress
    this.changed()
  }

  measure(): { done: number; total: number | null; units: 'bytes' | 'steps' | null } {
    const now = this.progress
    return now !== null && typeof now === 'object' && 'done' in now
      ? now
      : { done: 0, total: null, units: null }
  }
}
