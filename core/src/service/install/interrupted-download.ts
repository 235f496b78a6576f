import { CodedError } from '@startd/base/errors.ts'
import { downloadS9pk, type UnfinishedDownload } from '../../s9pk/index.ts'
import type { Lifecycle } from '../lifecycle.ts'
import type { InstallProgress } from './install-progress.ts'

interface Interrupted {
  readonly id: string
  readonly updating: boolean
  readonly progress: InstallProgress
  readonly signal: AbortSignal
}

/** Ends a download that a dead daemon left, and answers where the package lies; of an update, the old version serves meanwhile. */
export async function endDownload(
  lifecycle: Lifecycle,
  { id, updating, progress, signal }: Interrupted,
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
