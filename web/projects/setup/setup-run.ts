import { inject, Injectable } from '@angular/core'
import type { FullProgress } from '@startd/base/progress.ts'
import { Rpc } from '../shared/api/rpc.ts'
import { stream } from '../shared/api/stream.ts'
import { Session } from '../shared/live/session.ts'

/** Drives `setup.*` (rpc-methods.md §3.12) to the end and logs this browser in. */
@Injectable({ providedIn: 'root' })
export class SetupRun {
  readonly #rpc = inject(Rpc)
  readonly #session = inject(Session)

  /** Fulfils when the server runs and this browser is logged in. Throws RpcFailure. */
  async execute(name: string, password: string, onProgress: (progress: FullProgress) => void): Promise<void> {
    const status = await this.#rpc.call('setup.status', {})
    if (status.status !== 'complete') {
      const running =
        status.status === 'running' ? status : await this.#rpc.call('setup.execute', { name, password })
      onProgress(running.progress)
      await this.#finish(running.guid, onProgress)
    }
    await this.#rpc.call('setup.complete', {})
    await this.#rpc.call('setup.exit', {})
    await this.#session.untilRunning()
    await this.#session.login(password)
  }

  /** The stream may break; what happened is then in the answer of `setup.complete`. */
  #finish(guid: string, onProgress: (progress: FullProgress) => void): Promise<void> {
    return new Promise((resolve) => {
      const frames = stream<FullProgress>(guid).subscribe({
        next: (progress) => {
          onProgress(progress)
          if (progress.overall !== true) return
          frames.unsubscribe()
          resolve()
        },
        error: () => resolve(),
        complete: () => resolve(),
      })
    })
  }
}
