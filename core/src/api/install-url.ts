import type { Guid } from '@startd/base/ids.ts'
import type { Continuations } from '../rpc/continuations.ts'
import type { DownloadOptions, ServiceControl } from '../service/index.ts'
import { InstallReport } from './install-report.ts'

const PROGRESS_LIFETIME = 600_000

interface UrlInstall {
  session: string | null
  urls: readonly string[]
  acceptSigner: string | null
}

/** Downloads and installs; answers as soon as the package is known to fit, and goes on without the caller. */
export function installFromUrl(
  services: Pick<ServiceControl, 'download'>,
  continuations: Continuations,
  { session, urls, acceptSigner }: UrlInstall,
): Promise<Begun> {
  return begin(continuations, session, async (hooks) => {
    const { id } = await services.download(urls, { ...hooks, acceptSigner })
    return id
  })
}

/** As `installFromUrl`, of the package that is installed already. */
export function refetch(
  services: Pick<ServiceControl, 'refetch'>,
  continuations: Continuations,
  { session, id }: { session: string | null; id: string },
): Promise<Begun> {
  return begin(continuations, session, async (hooks) => {
    await services.refetch(id, hooks)
    return id
  })
}

interface Begun {
  id: string
  progress: Guid
}

async function begin(
  continuations: Continuations,
  session: string | null,
  install: (hooks: Pick<DownloadOptions, 'signal' | 'onProgress' | 'onBegin'>) => Promise<string>,
): Promise<Begun> {
  const report = new InstallReport()
  const begun = Promise.withResolvers<string>()
  const work = install({
    signal: new AbortController().signal,
    onProgress: report.onProgress,
    onBegin: begun.resolve,
  })
  report.endWith(work)
  const id = await Promise.race([begun.promise, work])
  const progress = continuations.socket((socket, signal) => report.send(socket, signal), {
    session,
    lifetime: PROGRESS_LIFETIME,
  })
  return { id, progress }
}
