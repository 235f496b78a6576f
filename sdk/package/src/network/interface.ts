import type { Effects } from '../effects.ts'

export interface InterfaceOptions {
  name: string
  id: string
  description: string
  /** For people, for programs, or for other servers. */
  type: 'ui' | 'api' | 'p2p'
  username: string | null
  path: string
  query: Record<string, string>
  /** Other schemes than those of the binding. */
  schemeOverride: { ssl: string | null; noSsl: string | null } | null
  /** Its address holds a secret and is shown as dots. */
  masked: boolean
}

/** A way to use a service, not yet tied to a port: see {@link Origin.export}. */
export interface ServiceInterfaceBuilder {
  readonly effects: Effects
  readonly options: InterfaceOptions
}

export function createInterface(effects: Effects, options: InterfaceOptions): ServiceInterfaceBuilder {
  return { effects, options }
}

export interface RangeInterfaceOptions {
  id: string
  name: string
  description: string
  scheme?: string | null | undefined
}

export interface RangeInterfaceBuilder {
  readonly effects: Effects
  readonly options: RangeInterfaceOptions
}

export function createRangeInterface(
  effects: Effects,
  options: RangeInterfaceOptions,
): RangeInterfaceBuilder {
  return { effects, options }
}
