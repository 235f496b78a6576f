import { setTimeout as delay } from 'node:timers/promises'
import type { Effects } from './effects.ts'
import { type Daemons, type PackageCode, buildDaemons } from './package-code.ts'

/** How long stopping waits for a `main` that has not come back yet. */
const UNFINISHED_GRACE = 10_000

/** One run of a package's `main`, from the call to the end of its daemons. */
export class MainRun {
  /** Fulfils when the daemons are built. */
  readonly built: Promise<Daemons>
  readonly #hooks: (() => unknown)[] = []
  #finished = false

  /** Begins once `before`, the end of an earlier run, has come. */
  constructor(code: PackageCode, effects: Effects, before: Promise<void>) {
    let asked = false
    effects.constRetry = () => {
      if (asked || !effects.isInContext) return
      asked = true
      effects.restart().catch((error: unknown) => console.error('the restart could not be asked for:', error))
    }
    this.built = before
      .then(() => this.#run(code, effects))
      .finally(() => {
        this.#finished = true
      })
  }

  async #run(code: PackageCode, effects: Effects): Promise<Daemons> {
    if (!effects.isInContext) throw new Error('stopped before main() began')
    const started = (onTerm?: () => unknown): Promise<null> => {
      if (onTerm) this.#hooks.push(onTerm)
      return Promise.resolve(null)
    }
    return buildDaemons(await code.main({ effects, started }))
  }

  /**
   * Ends the daemons. A `main` that does not come back within the grace does not hold the caller up;
   * what it brings later is ended at once.
   */
  async end(grace = UNFINISHED_GRACE): Promise<void> {
    const ended = this.#end()
    if (this.#finished) return ended
    const waiting = new AbortController()
    const waited = delay(grace, true, { signal: waiting.signal }).catch(() => false)
    const first = await Promise.race([
      this.built.then(
        () => false,
        () => false,
      ),
      waited,
    ])
    waiting.abort()
    if (!first) return ended
    console.error('main() has not come back; the service stops without it')
    ended.catch((error: unknown) => console.error('ending late daemons failed:', error))
  }

  async #end(): Promise<void> {
    const daemons = await this.built.catch(() => null)
    for (const hook of this.#hooks) await hook()
    await daemons?.term()
  }
}
