import type { FullProgress, Progress } from '@startd/base/progress.ts'
import { TRANSIENT, type Db } from '../model.ts'
import { setProgress } from './entry.ts'
import { ProgressTracker, type ProgressPhase } from './progress.ts'
import { Throttle } from './throttle.ts'

/** Least time between two reports, in ms. */
const INTERVAL = 100

/** The phases of an install, reported to whoever asked for it and to the database (service-runtime.md §7.3). */
export class InstallProgress implements AsyncDisposable {
  readonly #tracker = new ProgressTracker(() => {
    this.#reports.push()
  })
  readonly #reports: Reports
  readonly #transfer: ProgressPhase
  readonly #validating: ProgressPhase
  readonly #unpacking: ProgressPhase
  #last: ProgressPhase | null = null

  constructor(transfer: 'Uploading' | 'Downloading', onProgress: (progress: FullProgress) => void) {
    this.#reports = new Reports(() => this.#tracker.snapshot(), onProgress)
    this.#transfer = this.#tracker.addPhase(transfer, 100)
    this.#validating = this.#tracker.addPhase('Validating Headers', 1)
    this.#unpacking = this.#tracker.addPhase('Unpacking', 100)
    this.#transfer.start()
    this.#validating.start()
  }

  snapshot(): FullProgress {
    return this.#tracker.snapshot()
  }

  /** From now on the package's entry shows the progress too. */
  follow(db: Db, id: string): void {
    this.#reports.toModel(db, id)
  }

  /** Bytes are stored as they arrive: transfer and unpacking advance together. */
  received(done: number, total: number | null): void {
    for (const phase of [this.#transfer, this.#unpacking]) {
      phase.setTotal(total, 'bytes')
      phase.set(done)
    }
  }

  headerRead(updating: boolean, size: number): void {
    this.#validating.complete()
    this.#unpacking.setTotal(size, 'bytes')
    this.#last = this.#tracker.addPhase(updating ? 'Updating' : 'Installing', 50)
  }

  /** An archive that had arrived before the daemon was started again. */
  resumed(updating: boolean): void {
    this.headerRead(updating, 0)
  }

  unpacked(): void {
    this.#transfer.complete()
    this.#unpacking.complete()
    this.#last?.start()
  }

  /** What the package itself says of its init. */
  initialising(value: Progress): void {
    this.#last?.replace(value)
  }

  async complete(): Promise<void> {
    this.#tracker.complete()
    await this.#reports.finish()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reports.finish()
  }
}

class Reports {
  readonly #throttle: Throttle<() => FullProgress>
  readonly #snapshot: () => FullProgress
  #model: { db: Db; id: string } | null = null

  constructor(snapshot: () => FullProgress, onProgress: (progress: FullProgress) => void) {
    this.#snapshot = snapshot
    this.#throttle = new Throttle(INTERVAL, async (take) => {
      const progress = take()
      onProgress(progress)
      const model = this.#model
      if (!model) return
      await model.db.mutate((draft) => {
        setProgress(draft, model.id, progress)
      }, TRANSIENT)
    })
  }

  push(): void {
    this.#throttle.push(this.#snapshot)
  }

  toModel(db: Db, id: string): void {
    this.#model = { db, id }
  }

  finish(): Promise<void> {
    return this.#throttle.finish()
  }
}
