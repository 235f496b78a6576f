import type { EffectName, EffectParams, EffectResult } from '@startd/base/effects.ts'
import type { Progress } from '@startd/base/progress.ts'
import type { S9pk } from '@startd/base/s9pk/index.ts'
import type { ActionInput, ActionResult } from '@startd/base/service-schemas.ts'
import type { Container } from '../../container/index.ts'
import type { Callbacks } from '../callbacks.ts'
import type { Db } from '../model.ts'
import type { ServicePaths } from '../paths.ts'

/** What one service may learn of, and ask from, the others. Nothing here waits for an install. */
export interface PackageAccess {
  /** Whether the package is loaded and initialised. */
  isReady(id: string): boolean
  /** Throw Uninitialized when the package is not ready. */
  actionInput(
    id: string,
    actionId: string,
    prefill: Record<string, unknown> | null,
    eventId: string,
  ): Promise<ActionInput | null>
  runAction(id: string, actionId: string, input: unknown, eventId: string): Promise<ActionResult | null>
  /** Address of the package's container, or null while it has none. */
  address(id: string): string | null
  /** Calls back when the package gets a new container; the answer ends that. */
  onContainer(id: string, listener: (address: string) => void): () => void
}

/** The side of the host that a container's effects act on: its own package first of all. */
export interface EffectsHost {
  readonly id: string
  readonly db: Db
  readonly paths: ServicePaths
  readonly container: Container
  readonly s9pk: S9pk
  /** Images that are mounted for this machine. */
  readonly images: ReadonlySet<string>
  readonly callbacks: Callbacks
  readonly packages: PackageAccess
  /** Address of the host on the containers' bridge. */
  readonly hostAddress: string
  readonly bindings: BindingChanges
  readonly version: string
  readonly now: () => Date
  /** A fresh container is wanted; begins soon after. */
  readonly rebuild: () => void
  readonly setInitProgress: (progress: Progress) => void
  /** An action was exported: tasks that wait for it are looked at again. */
  readonly recheck: (actionId: string) => void
}

/** Changes to a package's ports and interfaces; the network follows the database. */
export interface BindingChanges {
  bind(id: string, params: EffectParams<'bind'>): Promise<void>
  clear(id: string, except: EffectParams<'clear-bindings'>['except']): Promise<void>
  exportInterface(id: string, params: EffectParams<'export-service-interface'>): Promise<void>
  clearInterfaces(id: string, except: readonly string[]): Promise<void>
}

/** What came along with a call. */
export interface EffectCall {
  /** The event on whose behalf the package calls; it may be long over. */
  readonly eventId: string | null
}

/** The handlers of some effects, as the table in `@startd/base/effects.ts` declares them. */
export type Handlers<N extends EffectName> = {
  [M in N]: (params: EffectParams<M>, call: EffectCall) => EffectResult<M> | Promise<EffectResult<M>>
}
