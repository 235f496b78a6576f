import type { LocaleString } from '@startd/base/service-schemas.ts'
import type { Effects } from '../effects.ts'
import type { FullProgressTracker } from '../progress.ts'

/** Marks a migration that cannot be done. */
export const IMPOSSIBLE: unique symbol = Symbol('IMPOSSIBLE')

export type MigrationFn = (options: { effects: Effects; progress: FullProgressTracker }) => Promise<unknown>
export type Migration = MigrationFn | typeof IMPOSSIBLE

/** A package version as text: `[#flavor:]upstream:downstream`. */
export type ValidateExVer<T extends string> = string extends T
  ? T
  : T extends `${string}:${string}`
    ? T
    : never

export interface VersionOptions<V extends string = string> {
  version: V
  releaseNotes: LocaleString
  migrations: {
    /** From the version before this one (in the graph) to this one. Left out: nothing has to be done. */
    up?: Migration | undefined
    /** From this one to the version before it. */
    down?: Migration | undefined
    /** From and to other versions, by range. */
    other?: Record<string, { up?: Migration | undefined; down?: Migration | undefined }> | undefined
  }
}

/** One version of a package: its notes and how its data comes from, and goes back to, other versions. */
export class VersionInfo<V extends string = string> {
  readonly options: VersionOptions<V>
  /** Versions that this one stands in for when another package depends on this one. */
  readonly satisfied: readonly string[]

  constructor(options: VersionOptions<V>, satisfied: readonly string[] = []) {
    this.options = options
    this.satisfied = satisfied
  }

  static of<V extends string>(options: VersionOptions<V & ValidateExVer<V>>): VersionInfo<V> {
    return new VersionInfo<V>(options)
  }

  /** The same version, also counted as `version` where a dependency asks for that one. */
  satisfies<S extends string>(version: S & ValidateExVer<S>): VersionInfo<V> {
    return new VersionInfo(this.options, [...this.satisfied, version])
  }
}
