type Callback = (...args: unknown[]) => unknown

/** Callbacks that wait for the host, by the number that the host knows them by. Each runs at most once. */
export class CallbackRegistry {
  readonly #callbacks = new Map<number, Callback>()
  #last = 0

  add(callback: Callback): number {
    this.#last += 1
    this.#callbacks.set(this.#last, callback)
    return this.#last
  }

  delete(id: number): boolean {
    return this.#callbacks.delete(id)
  }

  has(id: number): boolean {
    return this.#callbacks.has(id)
  }

  get size(): number {
    return this.#callbacks.size
  }

  /** Runs and forgets a callback; an unknown number is ignored. */
  fire(id: number, args: readonly unknown[]): void {
    const callback = this.#callbacks.get(id)
    if (!callback) return
    this.#callbacks.delete(id)
    guarded('a callback failed', () => callback(...args))
  }

  /** Runs and forgets them all: what they watched may have changed unseen. */
  fireAll(): void {
    for (const id of [...this.#callbacks.keys()]) this.fire(id, [])
  }
}

/**
 * A span of package code that can be left: `init`, `main`, one procedure, or a part of them. What was
 * registered in it ends with it (service-runtime.md §9.1).
 */
export class EffectContext {
  readonly #registry: CallbackRegistry
  readonly #onDrop: (ids: number[]) => void
  readonly #children = new Map<string, EffectContext>()
  readonly #hooks: (() => unknown)[] = []
  readonly #ids = new Set<number>()
  #left = false

  /** `onDrop` hears of callback numbers that nobody waits for any more. */
  constructor(registry: CallbackRegistry, onDrop: (ids: number[]) => void) {
    this.#registry = registry
    this.#onDrop = onDrop
  }

  get left(): boolean {
    return this.#left
  }

  /** A new context below this one; an earlier one of that name is left first. */
  child(name: string): EffectContext {
    this.leaveChild(name)
    const child = new EffectContext(this.#registry, this.#onDrop)
    if (this.#left) child.leave()
    else this.#children.set(name, child)
    return child
  }

  /** Leaves the context of that name, if there is one. */
  leaveChild(name: string): void {
    this.#children.get(name)?.leave()
    this.#children.delete(name)
  }

  /** Registers what to do when this context is left. */
  onLeave(hook: () => unknown): void {
    this.#hooks.push(hook)
  }

  /** The number for a callback, or null when there is nothing to wait for any more. */
  register(callback: unknown): number | null {
    if (typeof callback !== 'function' || this.#left) return null
    for (const id of this.#ids) if (!this.#registry.has(id)) this.#ids.delete(id)
    const id = this.#registry.add(callback as Callback)
    this.#ids.add(id)
    return id
  }

  /** Leaves children first, then runs the hooks in the order of their registration. */
  leave(): void {
    if (this.#left) return
    this.#left = true
    for (const child of this.#children.values()) child.leave()
    this.#children.clear()
    const dropped = [...this.#ids].filter((id) => this.#registry.delete(id))
    this.#ids.clear()
    for (const hook of this.#hooks.splice(0)) guarded('leaving a context failed', hook)
    if (dropped.length > 0) this.#onDrop(dropped)
  }
}

/** Runs a package's function; what it throws, now or later, goes to the log and no further. */
function guarded(what: string, run: () => unknown): void {
  const log = (error: unknown): void => {
    if (!isMuted(error)) console.error(`${what}:`, error)
  }
  try {
    Promise.resolve(run()).catch(log)
  } catch (error) {
    log(error)
  }
}

/** The SDK marks errors that only say "this watch has ended". */
export function isMuted(error: unknown): boolean {
  return error instanceof Object && 'muteUnhandled' in error && error.muteUnhandled === true
}
