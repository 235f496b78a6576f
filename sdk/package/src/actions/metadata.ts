import type { Effects } from '../effects.ts'

export interface ActionMetadataInput {
  name: string
  description: string
  /** Asked to be confirmed before the action runs. */
  warning: string | null
  visibility: 'enabled' | 'hidden' | { disabled: string }
  allowedStatuses: 'any' | 'only-running' | 'only-stopped'
  group: string | null
  /** Who else may run it: any service, services that depend on this one, or only the user (the default). */
  access?: 'public' | 'dependent' | 'user' | undefined
}

export interface ActionMetadata extends ActionMetadataInput {
  hasInput: boolean
}

/** A value, or how to find it; with `.const()` inside, it is found again when what it was made from changes. */
export type MaybeFn<T> = T | ((options: { effects: Effects }) => Promise<T>)

export function resolve<T extends object>(value: MaybeFn<T>, effects: Effects): Promise<T> {
  return typeof value === 'function' ? value({ effects }) : Promise.resolve(value)
}
