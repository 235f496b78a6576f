import { manifestOf, type PackageDataEntry } from '@startd/base/model.ts'
import type { PackageListEntry } from '@startd/base/rpc/package.ts'
import type { ServerDb } from '../db/index.ts'
import type { Continuations } from '../rpc/continuations.ts'
import type { Handlers } from '../rpc/handlers.ts'
import type { ServiceControl } from '../service/index.ts'
import { findEntry } from '../service/model.ts'
import { installFromUrl, refetch } from './install-url.ts'
import { openSideload } from './sideload.ts'
import { streamLog } from './streams.ts'

/** rpc-methods.md §3.3. */
export function packageHandlers(db: ServerDb, services: ServiceControl, continuations: Continuations) {
  const entries = () => db.peek().public.packageData
  return {
    'package.list': () => Object.entries(entries()).map(([id, entry]) => listEntry(id, entry)),
    'package.installed-version': ({ id }) => {
      const state = findEntry(db.peek(), id)?.stateInfo
      return state && 'manifest' in state ? state.manifest.version : null
    },
    'package.sideload': ({ acceptSigner }, { session }) =>
      openSideload(services, continuations, { session, acceptSigner }),
    'package.install-url': ({ urls, acceptSigner }, { session }) =>
      installFromUrl(services, continuations, { session, urls, acceptSigner }),
    'package.cancel-install': ({ id }) => done(services.cancelInstall(id)),
    'package.uninstall': ({ id, soft, force }) => done(services.uninstall(id, { soft, force })),
    'package.start': ({ id, force }) => done(services.start(id, force)),
    'package.stop': ({ id }) => done(services.stop(id)),
    'package.restart': ({ id }) => done(services.restart(id)),
    'package.rebuild': ({ id }) => done(services.rebuild(id)),
    'package.refetch': ({ id }, { session }) => refetch(services, continuations, { session, id }),
    'package.signer': ({ id }) => services.signer(id),
    'package.verify': ({ id }) => services.checkArchive(id),
    'package.stats': () => services.stats(),
    'package.logs': ({ id, ...query }) => services.logs(id, query),
    'package.logs.follow': ({ id, ...query }, { session }) =>
      streamLog(continuations, session, (signal) => services.followLogs(id, query, signal)),
    'package.action.get-input': ({ packageId, actionId, prefill }) =>
      services.getActionInput(packageId, actionId, prefill),
    'package.action.run': ({ packageId, actionId, eventId, input }) =>
      services.runAction(packageId, actionId, eventId, input),
    'package.action.clear-task': ({ packageId, replayId, force }) =>
      done(services.clearTask(packageId, replayId, force)),
  } satisfies Handlers
}

function listEntry(id: string, { stateInfo, statusInfo }: PackageDataEntry): PackageListEntry {
  const failed = stateInfo.state === 'installed' && statusInfo.error !== null
  return { status: failed ? 'error' : stateInfo.state, id, version: manifestOf(stateInfo).version }
}

async function done(work: Promise<void>): Promise<null> {
  await work
  return null
}
