import type { MethodName } from '@startd/base/rpc/contract.ts'
import type { CustomCommand } from './command.ts'

export type { CustomCommand, Session } from './command.ts'

/** Each is loaded when a command line can mean it: loading all of them takes longer than most of them work. */
type Load = () => Promise<CustomCommand>

const logs =
  (read: MethodName, follow: MethodName): Load =>
  async () =>
    (await import('./logs.ts')).logs(read, follow)

/** The commands that do more than one call. */
export const CUSTOM_COMMANDS: Partial<Record<MethodName, Load>> = {
  'auth.key.add': async () => (await import('./auth.ts')).addKey,
  'auth.login': async () => (await import('./auth.ts')).login,
  'auth.reset-password': async () => (await import('./auth.ts')).resetPassword,
  'db.apply': async () => (await import('./db.ts')).dbApply,
  'db.dump': async () => (await import('./db.ts')).dbDump,
  'db.subscribe': async () => (await import('./db.ts')).dbSubscribe,
  'package.install': async () => (await import('./install.ts')).install,
  'package.list': async () => (await import('./package-list.ts')).packageList,
  'package.refetch': async () => (await import('./install.ts')).refetch,
  'package.verify': async () => (await import('./package-verify.ts')).packageVerify,
  'package.logs': logs('package.logs', 'package.logs.follow'),
  'package.action.run': async () => (await import('./action-run.ts')).actionRun,
  'server.metrics': async () => (await import('./metrics.ts')).metrics,
  'server.shutdown': async () => (await import('./power.ts')).power('server.shutdown'),
  'server.restart': async () => (await import('./power.ts')).power('server.restart'),
  'server.update': async () => (await import('./update.ts')).update('server.update'),
  'server.logs': logs('server.logs', 'server.logs.follow'),
  'server.kernel-logs': logs('server.kernel-logs', 'server.kernel-logs.follow'),
  'init.logs': logs('init.logs', 'init.logs.follow'),
  'init.kernel-logs': logs('init.kernel-logs', 'init.kernel-logs.follow'),
  'init.subscribe': async () => (await import('./setup.ts')).initSubscribe,
  'diagnostic.logs': logs('diagnostic.logs', 'diagnostic.logs.follow'),
  'diagnostic.kernel-logs': logs('diagnostic.kernel-logs', 'diagnostic.kernel-logs.follow'),
  'diagnostic.update': async () => (await import('./update.ts')).update('diagnostic.update'),
  'setup.logs': logs('setup.logs', 'setup.logs.follow'),
  'setup.execute': async () => (await import('./setup.ts')).setupExecute,
  'setup.attach': async () => (await import('./setup.ts')).setupAttach,
}
