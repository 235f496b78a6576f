import { buildManifest } from '@startd/sdk'
import { manifest as authored } from './manifest.ts'
import { versionGraph } from './versions.ts'

export { actions } from './actions.ts'
export { createBackup } from './backups.ts'
export { init, uninit } from './init.ts'
export { main } from './main.ts'
export const manifest = buildManifest(versionGraph, authored)
