import type { Effects } from '../effects.ts'
import type { FullProgressTracker } from '../progress.ts'
import type { DataVersion } from '../versions/data-version.ts'

/** Why the package is being prepared; null for an ordinary start of its container. */
export type InitKind = 'install' | 'update' | 'restore' | null

export type InitFn<Kind extends InitKind = InitKind> = (
  effects: Effects,
  kind: Kind,
  progress: FullProgressTracker,
) => Promise<unknown>
export interface InitScript<Kind extends InitKind = InitKind> {
  init: InitFn<Kind>
}

export type UninitFn = (effects: Effects, target: DataVersion | null) => Promise<unknown>
export interface UninitScript {
  uninit: UninitFn
}
