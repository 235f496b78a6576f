import { basename } from 'node:path'
import { CodedError } from '@startd/base/errors.ts'
import { downloadS9pk, unfinishedDownload, type UnfinishedDownload } from '../../s9pk/index.ts'
import { isFile } from '../atomic-file.ts'
import type { Lifecycle } from '../lifecycle.ts'
import { entryOf } from '../model.ts'
import type { Job } from './job.ts'
import { restoreSnapshot } from './snapshot.ts'

/** An install that a dead daemon left, as database and disk tell of it. */
export interface Interrupted {
  readonly id: string
  readonly updating: boolean
  /** Where the new archive lies or will lie. */
  readonly arriving: string
  readonly download: UnfinishedDownload | null
  /** Whether nothing tells where the new archive was to come from, or go. */
  readonly lost: boolean
}

export async function findInterrupted({ db, paths }: Lifecycle['deps'], id: string): Promise<Interrupted> {
  const { stateInfo, s9pk } = entryOf(db.peek(), id)
  const updating = stateInfo.state === 'updating'
  const arriving = updating ? stateInfo.s9pk : s9pk
  const exists = await isFile(arriving)
  const download = exists ? null : await unfinishedDownload(paths.archive, rootOf(arriving))
  const lost = stateInfo.state === 'restoring' || (updating && arriving === s9pk) || !exists
  return { id, updating, arriving, download, lost: lost && download === null }
}

/** Brings the archive and the data to where the install can be finished from; answers with the archive's place. */
export async function arrive(
  lifecycle: Lifecycle,
  job: Job,
  { download, lost }: Interrupted,
): Promise<string> {
  const { db, paths } = lifecycle.deps
  if (lost)
    throw new CodedError('Cancelled', 'the installation was interrupted before the package had arrived')
  job.progress.resumed(job.updating)
  job.progress.follow(db, job.id)
  const file = download ? await endDownload(lifecycle, job, download) : job.arriving
  await restoreSnapshot(paths, job.id)
  return file
}

/** Of an update, the old version serves meanwhile. */
async function endDownload(
  lifecycle: Lifecycle,
  { id, updating, progress, signal }: Job,
  { urls, commitment, developerKey }: UnfinishedDownload,
): Promise<string> {
  const { arch, log, paths } = lifecycle.deps
  if (updating)
    await lifecycle.load(id).catch((error: unknown) => log(`${id}: could not be loaded: ${String(error)}`))
  const received = await downloadS9pk(urls, paths.archive, {
    arch,
    commitment,
    signal,
    // The root hash does not tell by whom the package is signed.
    onHeader: (preview) => {
      if (preview.developerKey === developerKey) return
      throw new CodedError(
        'InvalidSignature',
        'the package is signed by another key than before the interruption',
      )
    },
    onProgress: (done, total) => {
      progress.received(done, total)
    },
  })
  return received.path
}

/** The root hash in the name of an archive. */
export function rootOf(file: string): string {
  return basename(file, '.s9pk')
}
