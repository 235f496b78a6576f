import type { Effects } from '../effects.ts'
import type { HealthCheckResult } from '../health/result.ts'
import { defaultTrigger } from '../health/trigger.ts'
import { asError } from '../watchable.ts'
import type { Daemon, DaemonEnd } from './daemon.ts'
import type { Ready } from './options.ts'

const DEFAULT_GRACE = 10_000

interface Parts {
  effects: Effects
  id: string
  daemon: Daemon | null
  ready: Ready | null
  requires: readonly Entry[]
}

/**
 * One member of a chain: runs while everything that it requires is well, and says how it is
 * (sdk.md §10.2). Waiting and running never overlap: changes queue up.
 */
export class Entry {
  readonly parts: Parts
  readonly id: string
  readonly dependents: Entry[] = []
  readonly watchers = new Set<() => void>()
  running = false
  startedAt = 0
  health: HealthCheckResult = { result: 'waiting', message: null }
  checks: AbortController | null = null
  queue: Promise<void> = Promise.resolve()
  lastSent: string | null = null
  ended = false

  constructor(parts: Parts) {
    this.parts = parts
    this.id = parts.id
    for (const required of parts.requires) required.dependents.push(this)
  }

  get display(): string | null {
    return this.parts.ready?.display ?? null
  }

  get isReady(): boolean {
    return this.running && this.health.result === 'success'
  }

  /** Runs or waits, as the entries that it requires allow. Fulfils when the new state was told. */
  updateStatus(): Promise<void> {
    this.queue = this.queue
      .then(() => this.adjust())
      .catch((error: unknown) => this.publish({ result: 'failure', message: asError(error).message }))
    return this.queue
  }

  async adjust(): Promise<void> {
    if (this.ended) return
    const blockers = this.parts.requires.filter((required) => !required.isReady)
    if (blockers.length > 0) {
      const names = blockers.map(({ display }) => display).filter((name) => name !== null)
      await this.publish({ result: 'waiting', message: names.join(', ') || null })
      await this.stopRunning()
    } else if (!this.running) {
      this.running = true
      this.startedAt = Date.now()
      await this.publish({ result: 'starting', message: null })
      this.checkHealth()
      this.parts.daemon?.start((end) => void this.onEnd(end))
    }
  }

  /** Ends it for good. */
  term(): Promise<void> {
    this.ended = true
    this.checks?.abort()
    this.queue = this.queue.then(() => this.stopRunning())
    return this.queue
  }

  async stopRunning(): Promise<void> {
    this.running = false
    this.checks?.abort()
    await this.parts.daemon?.stop()
  }

  async onEnd(end: DaemonEnd): Promise<void> {
    const oneshot = this.parts.daemon?.oneshot ?? false
    if (end.clean && oneshot) await this.publish({ result: 'success', message: null })
    else
      await this.publish({
        result: 'failure',
        message: `${this.id} daemon ${end.clean ? 'exited' : 'crashed'}`,
      })
  }

  checkHealth(): void {
    const { ready } = this.parts
    if (!ready) return
    const stop = new AbortController()
    this.checks = stop
    const stopped = new Promise<null>((resolve) => {
      stop.signal.addEventListener('abort', () => resolve(null), { once: true })
    })
    const checked = { any: false }
    const due = (ready.trigger ?? defaultTrigger)(() =>
      checked.any ? { lastResult: this.health.result } : {},
    )
    void (async () => {
      for (;;) {
        const next = await Promise.race([due.next(), stopped])
        if (!next || next.done || stop.signal.aborted) break
        const result = await Promise.race([check(ready), stopped])
        if (!result || stop.signal.aborted) break
        checked.any = true
        await this.publish(result)
      }
      // Not awaited: a generator that is still waiting for its interval ends after it.
      due.return?.(undefined).catch(() => undefined)
    })()
  }

  /** Tells the host (what it does not know yet) and those who depend on this entry. */
  async publish(found: HealthCheckResult): Promise<void> {
    if (this.ended) return
    const before = this.health.result
    this.health = this.withGrace(found)
    const send = this.send()
    if (this.health.result !== before) {
      for (const dependent of this.dependents) void dependent.updateStatus()
      for (const watcher of this.watchers) watcher()
    }
    await send
  }

  async send(): Promise<void> {
    const name = this.display
    if (name === null) return
    const { result, message } = this.health
    const text = result === 'failure' || result === 'loading' ? (message ?? '') : message
    const params = { result, message: text, id: this.id, name } as Parameters<Effects['setHealth']>[0]
    const wire = JSON.stringify(params)
    if (wire === this.lastSent) return
    this.lastSent = wire
    await this.parts.effects.setHealth(params).catch((error: unknown) => {
      // The host may be starting again: the next check tells it.
      this.lastSent = null
      console.error('the host could not be told a health result:', asError(error).message)
    })
  }

  withGrace(found: HealthCheckResult): HealthCheckResult {
    const grace = this.parts.ready?.gracePeriod ?? DEFAULT_GRACE
    const young = this.running && Date.now() - this.startedAt < grace
    return found.result === 'failure' && young ? { ...found, result: 'starting' } : found
  }
}

/** A check may also throw: an error, or a result. */
async function check({ fn }: Ready): Promise<HealthCheckResult> {
  try {
    return await fn()
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'result' in error) return error as HealthCheckResult
    return { result: 'failure', message: asError(error).message }
  }
}
