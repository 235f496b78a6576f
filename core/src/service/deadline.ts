import { CodedError } from '@startd/base/errors.ts'

/** Ends a wait when nothing was heard of the other side for a while. */
export class Deadline implements Disposable {
  readonly #controller = new AbortController()
  readonly #what: string
  #patience: number
  #timer: NodeJS.Timeout

  /** `patience` in ms; `what` completes “… took too long”. */
  constructor(what: string, patience: number) {
    this.#what = what
    this.#patience = patience
    this.#timer = this.#arm()
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** The other side showed life: the time begins anew. */
  touch(): void {
    if (this.signal.aborted) return
    clearTimeout(this.#timer)
    this.#timer = this.#arm()
  }

  /** From now on waits at most `patience` ms. */
  shorten(patience: number): void {
    if (patience >= this.#patience) return
    this.#patience = patience
    this.touch()
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
  }

  #arm(): NodeJS.Timeout {
    return setTimeout(() => {
      this.#controller.abort(new CodedError('Timeout', `${this.#what} took too long`))
    }, this.#patience)
  }
}
