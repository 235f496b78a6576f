import { CodedError } from '@startd/base/errors.ts'
import { checkHostname, type ServerDb } from '../db/index.ts'
import type { Continuations } from '../rpc/continuations.ts'
import type { Handlers } from '../rpc/handlers.ts'
import { deviceInfo } from '../system/device-info.ts'
import type { MetricsWatch } from '../system/metrics-watch.ts'
import type { ServerLog } from '../system/server-log.ts'
import { streamLog, streamValues } from './streams.ts'

interface Parts {
  db: ServerDb
  continuations: Continuations
  metrics: MetricsWatch
  log: ServerLog
}

/** rpc-methods.md §3.2. */
export function serverHandlers({ db, continuations, metrics, log }: Parts) {
  const begun = performance.now()
  return {
    'server.time': () => ({
      now: new Date().toISOString(),
      uptime: Math.floor((performance.now() - begun) / 1000),
    }),
    'server.device-info': () => {
      const { version, packageVersionCompat: compat, language } = db.peek().public.serverInfo
      return deviceInfo({ version, compat, language })
    },
    'server.metrics': () => metrics.current(),
    'server.metrics.follow': async (_params, { session }) => {
      const first = await metrics.current()
      return {
        guid: streamValues(continuations, session, (signal) => metrics.follow(signal)),
        metrics: first,
      }
    },
    'server.set-hostname': async ({ name, hostname }) => {
      await rename(db, name?.trim() || null, hostname?.trim() || null)
      return null
    },
    'server.set-language': async ({ language }) => {
      await db.mutate(({ public: { serverInfo } }) => {
        if (serverInfo.language !== language) serverInfo.statusInfo.restart = 'language'
        serverInfo.language = language
      })
      return null
    },
    ...logHandlers('server', log, continuations),
  } satisfies Handlers
}

type LogGroup = 'server' | 'init' | 'diagnostic' | 'setup'
type LogHandlers<G extends LogGroup> = Required<Pick<Handlers, `${G}.logs` | `${G}.logs.follow`>>

/** The server's log under the name that a boot context gives it. */
export function logHandlers<G extends LogGroup>(
  group: G,
  log: ServerLog,
  continuations: Continuations,
): LogHandlers<G> {
  const read: LogHandlers<'server'>['server.logs'] = (query) => log.read(query)
  const follow: LogHandlers<'server'>['server.logs.follow'] = (query, { session }) =>
    streamLog(continuations, session, (signal) => log.follow(query, signal))
  return { [`${group}.logs`]: read, [`${group}.logs.follow`]: follow } as LogHandlers<G>
}

async function rename(db: ServerDb, name: string | null, hostname: string | null): Promise<void> {
  if (name === null && hostname === null)
    throw new CodedError('InvalidRequest', 'Give a name, a network name, or both')
  if (hostname !== null) checkHostname(hostname)
  await db.mutate(({ public: { serverInfo } }) => {
    if (name !== null) serverInfo.name = name
    if (hostname === null || hostname === serverInfo.hostname) return
    serverInfo.hostname = hostname
    serverInfo.statusInfo.restart = 'mdns'
  })
}
