import type { MethodName, Result } from '@startd/base/rpc/contract.ts'
import type { Block } from './blocks.ts'
import { accessViews } from './views-access.ts'
import { actionViews } from './views-actions.ts'
import { backupViews } from './views-backup.ts'
import { networkViews } from './views-network.ts'
import { serverViews } from './views-server.ts'

/** How the results of methods are shown to a person, where their shape alone would not do. */
export type Views = { readonly [M in MethodName]?: (result: Result<M>) => Block[] }

export const VIEWS: Views = {
  ...serverViews,
  ...accessViews,
  ...networkViews,
  ...backupViews,
  ...actionViews,
}
