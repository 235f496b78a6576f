import { sdk } from './sdk.ts'

/** Syncthing can make its index again from the files. */
export const { createBackup, restoreInit } = sdk.setupBackups(async () =>
  sdk.Backups.ofVolumes('main', 'data').setOptions({ exclude: ['/config/index-v*'] }),
)
