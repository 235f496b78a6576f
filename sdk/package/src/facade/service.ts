import { type BackupSync, Backups } from '../backup/backups.ts'
import type { SyncOptions } from '../backup/rsync.ts'
import { type BackupSource, setupBackups } from '../backup/setup.ts'
import { Daemon } from '../daemons/daemon.ts'
import { Daemons } from '../daemons/daemons.ts'
import type { Exec } from '../daemons/options.ts'
import { type CurrentDependencies, setupDependencies } from '../dependencies/setup.ts'
import type { Effects } from '../effects.ts'
import { checkPortListening, checkWebUrl, runHealthScript } from '../health/checks.ts'
import {
  changeOnFirstSuccess,
  cooldownTrigger,
  defaultTrigger,
  statusTrigger,
  successFailure,
} from '../health/trigger.ts'
import { setupInit, setupOnInit, setupOnUninit, setupUninit } from '../lifecycle/init.ts'
import { setupMain } from '../lifecycle/main.ts'
import type { SDKManifest, VolumeIdOf } from '../manifest/types.ts'
import { useEntrypoint } from '../subcontainer/command.ts'
import { SubContainer, type SubContainers } from '../subcontainer/lazy.ts'
import { Mounts } from '../subcontainer/mounts.ts'
import type { SubContainer as AnySubContainer } from '../subcontainer/subcontainer.ts'

/** What a service is made of and when it does what. */
export function serviceTools<M extends SDKManifest>() {
  return {
    setupInit,
    setupUninit,
    setupOnInit,
    setupOnUninit,
    setupMain,
    setupDependencies: (find: (options: { effects: Effects }) => Promise<CurrentDependencies<M>>) =>
      setupDependencies<M>(find),
    setupBackups: (source: BackupSource<M>) => setupBackups<M>(source),
    Backups: {
      ofVolumes: (...ids: VolumeIdOf<M>[]) => Backups.ofVolumes<M>(...ids),
      ofSyncs: (...syncs: BackupSync[]) => Backups.ofSyncs<M>(...syncs),
      withOptions: (options?: Partial<SyncOptions>) => Backups.withOptions<M>(options),
    },
    Daemons: { of: (effects: Effects) => Daemons.of<M>(effects) },
    Daemon: {
      of:
        () =>
        <S extends AnySubContainer | null>(_effects: Effects, subcontainer: S, exec: Exec<S>) =>
          new Daemon(subcontainer, exec as Exec),
    },
    SubContainer: SubContainer as SubContainers<M>,
    Mounts: { of: () => Mounts.of<M>() },
    useEntrypoint,
    healthCheck: { checkPortListening, checkWebUrl, runHealthScript },
    trigger: { defaultTrigger, cooldownTrigger, statusTrigger, changeOnFirstSuccess, successFailure },
  }
}
