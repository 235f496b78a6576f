import { actions } from './actions/index.ts'
import { restoreInit } from './backups.ts'
import { credentials, newPassword } from './credentials.ts'
import { setInterfaces } from './interfaces.ts'
import { sdk } from './sdk.ts'
import { versionGraph } from './versions/index.ts'

/** The first install draws a password; a restored one brings its own. */
const makeCredentials = sdk.setupOnInit(async (effects) => {
  const existing = await credentials.read().once()
  if (!existing) await credentials.write(effects, { user: 'admin', password: newPassword() })
})

const setDependencies = sdk.setupDependencies(async () => ({}))

export const init = sdk.setupInit(
  restoreInit,
  versionGraph,
  makeCredentials,
  setInterfaces,
  setDependencies,
  actions,
)
export const uninit = sdk.setupUninit(versionGraph)
