import { CodedError } from '@startd/base/errors.ts'

/** Lets work through until it is closed; whoever closes it waits for the work that is still inside. */
export class Gate {
  readonly #inside = new Set<Promise<unknown>>()
  readonly #refusal: string
  #closed = false

  /** `refusal` is what late comers are told. */
  constructor(refusal: string) {
    this.#refusal = refusal
  }

  get closed(): boolean {
    return this.#closed
  }

  async through<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new CodedError('Cancelled', this.#refusal)
    const running = work()
    this.#inside.add(running)
    try {
      return await running
    } finally {
      this.#inside.delete(running)
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    await Promise.allSettled(this.#inside)
  }
}
