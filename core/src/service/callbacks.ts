import { CodedError } from '@startd/base/errors.ts'
import type { Database } from '@startd/base/model.ts'
import { formatPointer } from '@startd/patch-db'
import type { Db } from './model.ts'

const MAX_LIVE = 20_000

/** Paths below the database that a callback may wait on. */
export type WatchPath = readonly string[]

export interface CallbackOptions {
  db: Db
  /** Tells the runtime; nothing is answered. */
  notify(id: number, args: unknown[]): Promise<void>
}

/**
 * The one-shot callbacks of one container (effects.md §3): an id fires at most once and is then
 * forgotten; the package registers a new one with its next read. They live as long as this daemon: the
 * runtime wakes all of its own when it meets the next one.
 */
export class Callbacks {
  readonly #options: CallbackOptions
  readonly #live = new Map<number, () => void>()
  #closed = false

  constructor(options: CallbackOptions) {
    this.#options = options
  }

  /**
   * Fires `id` at the next change of a database value; call it before reading the value. A null id
   * is no registration.
   */
  onChange(id: number | null, path: WatchPath): void {
    this.on(id, (fire) => {
      const watcher = this.#options.db.watch(formatPointer(path))
      watcher.peekAndMarkSeen()
      void watcher.changed().then(
        (value) => {
          fire([value ?? null])
        },
        () => undefined,
      )
      return () => {
        watcher.close()
      }
    })
  }

  /** Fires `id` when `subscribe` says so; what it answers ends the subscription. */
  on(id: number | null, subscribe: (fire: (args: unknown[]) => void) => () => void): void {
    if (id === null || this.#closed) return
    if (this.#live.size >= MAX_LIVE) {
      throw new CodedError('InvalidRequest', 'this service waits for too many changes at once')
    }
    this.#live.get(id)?.()
    let release: () => void = () => undefined
    this.#live.set(id, () => {
      release()
    })
    release = subscribe((args) => {
      if (!this.#live.has(id)) return
      this.#drop(id)
      void this.#options.notify(id, args).catch(() => undefined)
    })
  }

  clear({
    only,
    except,
  }: {
    only?: number[] | null | undefined
    except?: number[] | null | undefined
  }): void {
    if (only) for (const id of only) this.#drop(id)
    if (!except) return
    const kept = new Set(except)
    for (const id of [...this.#live.keys()]) if (!kept.has(id)) this.#drop(id)
  }

  /** Forgets all, and takes no more from calls that are still under way. */
  close(): void {
    this.#closed = true
    for (const id of [...this.#live.keys()]) this.#drop(id)
  }

  #drop(id: number): void {
    const release = this.#live.get(id)
    this.#live.delete(id)
    release?.()
  }
}

/** A path to one of a package's own values. */
export const packagePath = (id: string, ...rest: string[]): WatchPath => [
  'public' satisfies keyof Database,
  'packageData',
  id,
  ...rest,
]
