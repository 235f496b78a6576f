import { actions } from '../actions'
import { restoreInit } from '../backups'
import { setDependencies } from '../dependencies'
import { setInterfaces } from '../interfaces'
import { sdk } from '../sdk'
import { versionGraph } from '../versions'
import { askForGreeting } from './askForGreeting'
import { seedSettings } from './seedSettings'

export const init = sdk.setupInit(
  restoreInit,
  versionGraph,
  seedSettings,
  setInterfaces,
  setDependencies,
  actions,
  askForGreeting,
)

export const uninit = sdk.setupUninit(versionGraph)
