import { CodedError } from '@startd/base/errors.ts'
import type { Manifest } from '@startd/base/manifest.ts'
import type { Database, PackageDataEntry } from '@startd/base/model.ts'
import type { FullProgress } from '@startd/base/progress.ts'
import { entryOf, findEntry } from '../model.ts'
import { newStatus, stop } from '../status.ts'
import { dropVanishedTasks, hasCriticalTask } from '../tasks/update.ts'

/* The database entry of a package through an install (db-model.md §5.1), on a draft of the database. */

export interface Beginning {
  manifest: Manifest
  /** Where the archive will lie. */
  file: string
  developerKey: string
  icon: string | null
  progress: FullProgress
}

/** Enters a new package, or marks an installed one as being updated; any other state is refused. */
export function begin(model: Database, { manifest, file, developerKey, icon, progress }: Beginning): void {
  const installingInfo = { newManifest: manifest, progress }
  const entry = findEntry(model, manifest.id)
  if (!entry) {
    model.public.packageData[manifest.id] = {
      ...newEntry(),
      stateInfo: { state: 'installing', installingInfo },
      s9pk: file,
      developerKey,
      icon: icon ?? '',
    }
    return
  }
  if (entry.stateInfo.state !== 'installed') {
    throw new CodedError('InvalidRequest', `Package ${manifest.id} is not in installed state`)
  }
  entry.stateInfo = { state: 'updating', manifest: entry.stateInfo.manifest, s9pk: file, installingInfo }
}

/** The archive is complete and lies at `file`. */
export function setFile(entry: PackageDataEntry, file: string): void {
  if (entry.stateInfo.state === 'updating') entry.stateInfo.s9pk = file
  else entry.s9pk = file
}

export function setProgress(model: Database, id: string, progress: FullProgress): void {
  const state = findEntry(model, id)?.stateInfo
  if (state && 'installingInfo' in state) state.installingInfo.progress = progress
}

export interface Completion {
  manifest: Manifest
  file: string
  developerKey: string
  icon: string
}

/** The new version is initialised: the entry speaks of it from now on. */
export function complete(
  model: Database,
  id: string,
  { manifest, file, developerKey, icon }: Completion,
): void {
  const entry = entryOf(model, id)
  entry.stateInfo = { state: 'installed', manifest }
  entry.s9pk = file
  entry.developerKey = developerKey
  entry.icon = icon
  entry.statusInfo.error = null
  dropVanishedTasks(id, entry)
  if (hasCriticalTask(entry)) stop(entry.statusInfo)
}

/** The update was taken back: the entry speaks of the old version again. */
export function rollBack(model: Database, id: string): void {
  const entry = findEntry(model, id)
  if (entry?.stateInfo.state !== 'updating') return
  entry.stateInfo = { state: 'installed', manifest: entry.stateInfo.manifest }
}

const newEntry = (): Omit<PackageDataEntry, 'stateInfo' | 's9pk' | 'developerKey' | 'icon'> => ({
  statusInfo: newStatus(),
  registry: null,
  lastBackup: null,
  currentDependencies: {},
  actions: {},
  tasks: {},
  hosts: {},
  storeExposedDependents: [],
  outboundGateway: null,
  plugin: { url: null },
})
