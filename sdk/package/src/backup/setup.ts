import type { Effects } from '../effects.ts'
import type { InitScript } from '../lifecycle/scripts.ts'
import type { SDKManifest, VolumeIdOf } from '../manifest/types.ts'
import { FullProgressTracker } from '../progress.ts'
import { Backups } from './backups.ts'

export type BackupSource<M extends SDKManifest> =
  VolumeIdOf<M>[] | ((options: { effects: Effects }) => Promise<Backups<M>>)

/** The `createBackup` of a package, and the init script that restores. */
export function setupBackups<M extends SDKManifest>(source: BackupSource<M>) {
  const find = async (effects: Effects): Promise<Backups<M>> =>
    typeof source === 'function' ? source({ effects }) : Backups.ofVolumes<M>(...source)
  const createBackup = async ({ effects }: { effects: Effects }): Promise<void> => {
    const progress = new FullProgressTracker((progress) => effects.setBackupProgress({ progress }))
    await (await find(effects)).createBackup(effects, progress)
  }
  const restoreInit: InitScript = {
    async init(effects, kind, progress) {
      if (kind === 'restore') await (await find(effects)).restoreBackup(effects, progress)
    },
  }
  return { createBackup, restoreInit }
}
