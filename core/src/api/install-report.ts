import { setTimeout as wait } from 'node:timers/promises'
import type { FullProgress } from '@startd/base/progress.ts'
import type { JsonSocket } from '../rpc/json-socket.ts'

const INTERVAL = 200

/** How an install goes and ends, for whoever looks on by a socket. */
export class InstallReport {
  readonly #outcome = Promise.withResolvers<void>()
  #progress: FullProgress = { overall: null, phases: [] }

  constructor() {
    // It may settle before anybody looks; the socket looks at it later.
    this.#outcome.promise.catch(() => undefined)
  }

  readonly onProgress = (progress: FullProgress): void => {
    this.#progress = progress
  }

  /** Ends as `install` does. */
  endWith(install: Promise<unknown>): void {
    install.then(
      () => this.#outcome.resolve(),
      (error: unknown) => this.#outcome.reject(error),
    )
  }

  /** Tells the progress until the install has ended; throws its error. */
  async send(socket: JsonSocket, signal: AbortSignal): Promise<void> {
    const ended = this.#outcome.promise.then(() => true)
    let told: FullProgress | null = null
    for (;;) {
      const done = await Promise.race([ended, wait(INTERVAL, false, { signal })])
      if (told !== this.#progress) await socket.send((told = this.#progress))
      if (done) return
    }
  }
}
