import type { CodedError } from '@startd/base/errors.ts'
import type { FullProgress } from '@startd/base/progress.ts'

/** The phases of a start, for those who watch it. */
export class BootProgress {
  readonly #phases: { name: string; progress: null | boolean }[]
  #next = Promise.withResolvers<void>()
  #error: CodedError | null = null

  constructor(phases: readonly string[]) {
    this.#phases = phases.map((name) => ({ name, progress: null }))
  }

  get current(): FullProgress {
    const steps = this.#phases.filter(({ progress }) => progress === true).length
    const total = this.#phases.length
    return {
      overall: steps === total ? true : { done: steps, total, units: 'steps' },
      phases: structuredClone(this.#phases),
    }
  }

  /** Runs one phase; its failure is the failure of the start, and travels on. */
  async run<T>(name: string, work: () => Promise<T>): Promise<T> {
    const phase = this.#phases.find((candidate) => candidate.name === name)
    if (!phase) throw new Error(`no phase is called ${name}`)
    phase.progress = false
    this.#changed()
    const result = await work()
    phase.progress = true
    this.#changed()
    return result
  }

  fail(error: CodedError): void {
    this.#error = error
    this.#changed()
  }

  /** The progress at each change until the start has succeeded; throws when it has failed. */
  async *follow(signal: AbortSignal): AsyncGenerator<FullProgress> {
    for (;;) {
      const changed = this.#next.promise
      const now = this.current
      yield now
      if (now.overall === true || signal.aborted) return
      if (this.#error) throw this.#error
      await changed
    }
  }

  #changed(): void {
    const waiting = this.#next
    this.#next = Promise.withResolvers()
    waiting.resolve()
  }
}
