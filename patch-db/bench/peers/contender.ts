import type { Model } from '../document.ts'

export type Service = Model['public']['packageData'][string]

/** How many follow each service; every one of them is called with the service's status after each change of it. */
export type Audience = ReadonlyMap<string, number>

/**
 * A store with 200 services and 1,000 watchers. `change` writes one field of one service's health, and resolves when
 * that is on disk and every watcher of the service has been called with the new status.
 */
export interface Contender {
  change(service: string, message: string): Promise<void>
  /** How many calls there have been. */
  readonly called: () => number
  close(): Promise<void>
}

export type OpenContender = (directory: string, document: Model, audience: Audience) => Promise<Contender>

/** The least that a user of a store without watching must write: functions by key, called after each commit. */
export class Callbacks {
  readonly #byKey = new Map<string, ((service: Service) => void)[]>()
  called = 0

  constructor(audience: Audience) {
    for (const [service, watchers] of audience)
      this.#byKey.set(
        service,
        Array.from({ length: watchers }, () => ({ statusInfo }: Service) => {
          if (statusInfo.health['web'] !== undefined) this.called++
        }),
      )
  }

  call(key: string, service: Service): void {
    for (const watcher of this.#byKey.get(key) ?? []) watcher(service)
  }
}

export function setMessage(service: Service, message: string): void {
  const web = service.statusInfo.health['web']
  if (web !== undefined) web.message = message
}
