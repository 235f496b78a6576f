import { CodedError } from '@startd/base/errors.ts'
import type { PackageAccess } from './effects/index.ts'
import type { Service } from './service.ts'

/** The loaded services by package id, and one queue of heavy work for each. */
export class ServiceTable implements PackageAccess {
  readonly #services = new Map<string, Service>()
  readonly #queues = new Map<string, Promise<void>>()
  readonly #listeners = new Map<string, Set<(address: string) => void>>()

  find(id: string): Service | undefined {
    return this.#services.get(id)
  }

  /** The loaded service of a package; throws Uninitialized. */
  get(id: string): Service {
    const service = this.#services.get(id)
    if (!service) {
      throw new CodedError(
        'Uninitialized',
        `“${id}” is not ready; wait for it, or rebuild it if it shows an error`,
      )
    }
    return service
  }

  add(service: Service): void {
    this.#services.set(service.id, service)
    const listeners = [...(this.#listeners.get(service.id) ?? [])]
    for (const listener of listeners) listener(service.container.address)
  }

  /** Takes a service out; answers whether it was still in. */
  take(service: Service): boolean {
    return this.#services.get(service.id) === service && this.#services.delete(service.id)
  }

  all(): Service[] {
    return [...this.#services.values()]
  }

  /** Load, rebuild, install and removal of one package follow one another; disposing lets the next one go on. */
  async lock(id: string): Promise<Disposable> {
    const before = this.#queues.get(id)
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#queues.set(id, promise)
    await before
    return {
      [Symbol.dispose]: () => {
        if (this.#queues.get(id) === promise) this.#queues.delete(id)
        resolve()
      },
    }
  }

  async locked<R>(id: string, work: () => Promise<R>): Promise<R> {
    using _lock = await this.lock(id)
    return await work()
  }

  isReady(id: string): boolean {
    return this.#services.has(id)
  }

  async actionInput(...[id, actionId, prefill, eventId]: Parameters<PackageAccess['actionInput']>) {
    return await this.get(id).actions.getInput(actionId, prefill, eventId)
  }

  async runAction(...[id, actionId, input, eventId]: Parameters<PackageAccess['runAction']>) {
    return await this.get(id).actions.run(actionId, input, eventId)
  }

  address(id: string): string | null {
    return this.#services.get(id)?.container.address ?? null
  }

  onContainer(id: string, listener: (address: string) => void): () => void {
    const listeners = this.#listeners.get(id) ?? new Set()
    this.#listeners.set(id, listeners.add(listener))
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0 && this.#listeners.get(id) === listeners) this.#listeners.delete(id)
    }
  }
}
