import { actions } from './actions/index.ts'
import { restoreInit } from './backups.ts'
import { setInterfaces } from './interfaces.ts'
import { writePage } from './page.ts'
import { sdk } from './sdk.ts'
import { settings } from './settings.ts'
import { versionGraph } from './versions/index.ts'

/** Fills in what the user has not chosen yet, and makes the page from it. */
const preparePage = sdk.setupOnInit(async (effects) => {
  await settings.merge(effects, {})
  const chosen = await settings.read().once()
  if (chosen) await writePage(effects, chosen)
})

const setDependencies = sdk.setupDependencies(async () => ({}))

export const init = sdk.setupInit(
  restoreInit,
  versionGraph,
  preparePage,
  setInterfaces,
  setDependencies,
  actions,
)
export const uninit = sdk.setupUninit(versionGraph)
