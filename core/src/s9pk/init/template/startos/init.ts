import { actions } from './actions.ts'
import { restoreInit } from './backups.ts'
import { setInterfaces } from './interfaces.ts'
import { sdk } from './sdk.ts'
import { versionGraph } from './versions.ts'

/** The first page. `kind` says why this runs: install, update, restore, or an ordinary start. */
const welcome = sdk.setupOnInit(async (_effects, kind) => {
  if (kind === 'install') await sdk.volumes.main.writeFile('www/index.html', '<h1>{{title}}</h1>\n')
})

const setDependencies = sdk.setupDependencies(async () => ({}))

export const init = sdk.setupInit(restoreInit, versionGraph, welcome, setInterfaces, setDependencies, actions)
export const uninit = sdk.setupUninit(versionGraph)
