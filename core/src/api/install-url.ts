import type { Guid } from '@startd/base/ids.ts'
import type { Continuations } from '../rpc/continuations.ts'
import type { ServiceControl } from '../service/index.ts'
import { InstallReport } from './install-report.ts'

const PROGRESS_LIFETIME = 600_000

interface UrlInstall {
  session: string | null
  urls: readonly string[]
  acceptSigner: string | null
}

/** Downloads and installs; answers as soon as the package is known to fit, and goes on without the caller. */
export async function installFromUrl(
  services: Pick<ServiceControl, 'download'>,
  continuations: Continuations,
  { session, urls, acceptSigner }: UrlInstall,
): Promise<{ id: string; progress: Guid }> {
  const report = new InstallReport()
  const begun = Promise.withResolvers<string>()
  const install = services.download(urls, {
    acceptSigner,
    signal: new AbortController().signal,
    onProgress: report.onProgress,
    onBegin: begun.resolve,
  })
  report.endWith(install)
  const id = await Promise.race([begun.promise, install.then((installed) => installed.id)])
  const progress = continuations.socket((socket, signal) => report.send(socket, signal), {
    session,
    lifetime: PROGRESS_LIFETIME,
  })
  return { id, progress }
}
