import { CodedError } from '@startd/base/errors.ts'

/** Ends a wait when nothing was heard of the other side for a while. */
export class Deadline implements Disposable {
  readonly #controller = new AbortController()
  readonly #what: string
  #patience: number
  /** Signs of life no longer count. */
  #final = false
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
    if (this.#final || this.signal.aborted) return
    clearTimeout(this.#timer)
    this.#timer = this.#arm()
  }

  /** Ends the wait in `patience` ms, whatever is heard until then. */
  shorten(patience: number): void {
    if (this.#final || patience >= this.#patience) return
    this.#patience = patience
    this.touch()
    this.#final = true
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
