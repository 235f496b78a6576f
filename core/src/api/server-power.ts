import type { ServerDb } from '../db/index.ts'
import type { Handlers } from '../rpc/handlers.ts'
import type { EndKind, Ending } from '../system/ending.ts'

/** rpc-methods.md §3.2: the end of this run. Whether it is that of the machine as well is chosen when startd is started. */
export function powerHandlers(db: ServerDb, ending: Ending) {
  const end = async (kind: EndKind, wait: boolean) => {
    await db.mutate(({ public: { serverInfo } }) => {
      serverInfo.statusInfo[kind === 'shutdown' ? 'shuttingDown' : 'restarting'] = true
    })
    const down = ending.ask(kind)
    if (wait) await down
    return null
  }
  return {
    'server.shutdown': ({ wait }) => end('shutdown', wait),
    'server.restart': ({ wait }) => end('restart', wait),
    'server.rebuild': () => end('rebuild', false),
  } satisfies Handlers
}

/** rpc-methods.md §3.10: another try, of the server alone. */
export function diagnosticPowerHandlers(ending: Ending) {
  const end = () => {
    void ending.ask('rebuild')
    return null
  }
  return { 'diagnostic.restart': end, 'diagnostic.rebuild': end } satisfies Handlers
}
