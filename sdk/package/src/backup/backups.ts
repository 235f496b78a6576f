import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CONTAINER_PATHS } from '@startd/base/container-paths.ts'
import type { Effects } from '../effects.ts'
import type { SDKManifest, VolumeIdOf } from '../manifest/types.ts'
import type { FullProgressTracker, PhaseHandle } from '../progress.ts'
import { type SyncOptions, rsync } from './rsync.ts'

export const DEFAULT_SYNC_WEIGHT = 80
export const DEFAULT_HOOK_WEIGHT = 10
const DATA_VERSION_FILE = 'dataVersion.txt'

export interface BackupSync {
  /** Below `/media/startos/volumes`, or absolute. */
  dataPath: string
  /** Below `/media/startos/backup`, or absolute. */
  backupPath: string
  options?: Partial<SyncOptions> | undefined
  backupOptions?: Partial<SyncOptions> | undefined
  restoreOptions?: Partial<SyncOptions> | undefined
  /** Its share in the progress. */
  weight?: number | undefined
}

export type BackupHook = (effects: Effects, phase: PhaseHandle) => Promise<unknown>
type HookName = 'pre-backup' | 'post-backup' | 'pre-restore' | 'post-restore'
interface Hook {
  run: BackupHook
  weight: number
}

interface Plan {
  syncs: readonly BackupSync[]
  options: Partial<SyncOptions>
  backupOptions: Partial<SyncOptions>
  restoreOptions: Partial<SyncOptions>
  hooks: Partial<Record<HookName, Hook>>
}

const EMPTY: Plan = { syncs: [], options: {}, backupOptions: {}, restoreOptions: {}, hooks: {} }

/** What a backup of a service holds, and how it is made and read back (sdk.md §16). */
export class Backups<M extends SDKManifest = SDKManifest> {
  readonly plan: Plan

  constructor(plan: Plan = EMPTY) {
    this.plan = plan
  }

  static ofVolumes<M extends SDKManifest = SDKManifest>(...ids: VolumeIdOf<M>[]): Backups<M> {
    return ids.reduce((backups, id) => backups.addVolume(id), new Backups<M>())
  }

  static ofSyncs<M extends SDKManifest = SDKManifest>(...syncs: BackupSync[]): Backups<M> {
    return new Backups<M>({ ...EMPTY, syncs })
  }

  static withOptions<M extends SDKManifest = SDKManifest>(options: Partial<SyncOptions> = {}): Backups<M> {
    return new Backups<M>({ ...EMPTY, options })
  }

  addVolume(id: VolumeIdOf<M>, options: Omit<BackupSync, 'dataPath' | 'backupPath'> = {}): Backups<M> {
    const dataPath = `${CONTAINER_PATHS.volumes}/${id}/`
    return this.addSync({ dataPath, backupPath: `${CONTAINER_PATHS.backup}/volumes/${id}/`, ...options })
  }

  addSync(sync: BackupSync): Backups<M> {
    return this.with({ syncs: [...this.plan.syncs, sync] })
  }

  setOptions(options: Partial<SyncOptions>): Backups<M> {
    return this.with({ options: { ...this.plan.options, ...options } })
  }

  setBackupOptions(options: Partial<SyncOptions>): Backups<M> {
    return this.with({ backupOptions: { ...this.plan.backupOptions, ...options } })
  }

  setRestoreOptions(options: Partial<SyncOptions>): Backups<M> {
    return this.with({ restoreOptions: { ...this.plan.restoreOptions, ...options } })
  }

  setPreBackup(run: BackupHook, weight = DEFAULT_HOOK_WEIGHT): Backups<M> {
    return this.withHook('pre-backup', { run, weight })
  }

  setPostBackup(run: BackupHook, weight = DEFAULT_HOOK_WEIGHT): Backups<M> {
    return this.withHook('post-backup', { run, weight })
  }

  setPreRestore(run: BackupHook, weight = DEFAULT_HOOK_WEIGHT): Backups<M> {
    return this.withHook('pre-restore', { run, weight })
  }

  setPostRestore(run: BackupHook, weight = DEFAULT_HOOK_WEIGHT): Backups<M> {
    return this.withHook('post-restore', { run, weight })
  }

  /** Copies to the backup target. The host completes the progress, when it has stored the package too. */
  async createBackup(effects: Effects, progress: FullProgressTracker): Promise<void> {
    const { options, backupOptions } = this.plan
    const steps = this.steps('backup', progress)
    await steps.before(effects)
    for (const { sync, phase } of steps.syncs) {
      const all = { ...options, ...backupOptions, ...sync.options, ...sync.backupOptions }
      await rsync(dataPath(sync), backupPath(sync), all, phase)
    }
    const version = await effects.getDataVersion()
    if (version !== null) await writeFile(join(CONTAINER_PATHS.backup, DATA_VERSION_FILE), version)
    await steps.after(effects)
    await progress.sync()
  }

  /** Copies back from the backup target, and takes over the version of the data there. */
  async restoreBackup(effects: Effects, progress: FullProgressTracker): Promise<void> {
    const { options, restoreOptions } = this.plan
    const steps = this.steps('restore', progress)
    await steps.before(effects)
    for (const { sync, phase } of steps.syncs) {
      const all = { ...options, ...restoreOptions, ...sync.options, ...sync.restoreOptions }
      await rsync(backupPath(sync), dataPath(sync), all, phase)
    }
    const version = await readFile(join(CONTAINER_PATHS.backup, DATA_VERSION_FILE), 'utf8').catch(ifMissing)
    if (version !== null) await effects.setDataVersion({ version: version.trim() })
    await steps.after(effects)
  }

  steps(direction: 'backup' | 'restore', progress: FullProgressTracker) {
    const hook = (name: HookName) => {
      const found = this.plan.hooks[name]
      const phase = found && progress.addPhase(name, found.weight)
      return async (effects: Effects) => {
        if (!found || !phase) return
        phase.start()
        await found.run(effects, phase)
        phase.complete()
      }
    }
    const before = hook(`pre-${direction}`)
    const syncs = this.plan.syncs.map((sync) => {
      const phase = progress.addPhase(`rsync:${backupPath(sync)}`, sync.weight ?? DEFAULT_SYNC_WEIGHT)
      return { sync, phase }
    })
    return { before, syncs, after: hook(`post-${direction}`) }
  }

  with(change: Partial<Plan>): Backups<M> {
    return new Backups<M>({ ...this.plan, ...change })
  }

  withHook(name: HookName, hook: Hook): Backups<M> {
    return this.with({ hooks: { ...this.plan.hooks, [name]: hook } })
  }
}

function dataPath({ dataPath }: BackupSync): string {
  return dataPath.startsWith('/') ? dataPath : `${CONTAINER_PATHS.volumes}/${dataPath}`
}

function backupPath({ backupPath }: BackupSync): string {
  return backupPath.startsWith('/') ? backupPath : `${CONTAINER_PATHS.backup}/${backupPath}`
}

function ifMissing(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null
  throw error
}
