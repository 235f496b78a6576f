import type { MethodName } from '@startd/base/rpc/contract.ts'
import { actionRun } from './action-run.ts'
import { addKey, login, resetPassword } from './auth.ts'
import type { CustomCommand } from './command.ts'
import { dbApply, dbDump, dbSubscribe } from './db.ts'
import { install, refetch } from './install.ts'
import { logs } from './logs.ts'
import { packageList } from './package-list.ts'
import { initSubscribe, setupExecute } from './setup.ts'

export type { CustomCommand, Session } from './command.ts'

/** The commands that the contract declares as `custom`. */
export const CUSTOM_COMMANDS: Partial<Record<MethodName, CustomCommand>> = {
  'auth.key.add': addKey,
  'auth.login': login,
  'auth.reset-password': resetPassword,
  'db.apply': dbApply,
  'db.dump': dbDump,
  'db.subscribe': dbSubscribe,
  'package.install': install,
  'package.list': packageList,
  'package.refetch': refetch,
  'package.logs': logs('package.logs', 'package.logs.follow'),
  'package.action.run': actionRun,
  'server.logs': logs('server.logs', 'server.logs.follow'),
  'server.kernel-logs': logs('server.kernel-logs', 'server.kernel-logs.follow'),
  'init.logs': logs('init.logs', 'init.logs.follow'),
  'init.kernel-logs': logs('init.kernel-logs', 'init.kernel-logs.follow'),
  'init.subscribe': initSubscribe,
  'diagnostic.logs': logs('diagnostic.logs', 'diagnostic.logs.follow'),
  'diagnostic.kernel-logs': logs('diagnostic.kernel-logs', 'diagnostic.kernel-logs.follow'),
  'setup.logs': logs('setup.logs', 'setup.logs.follow'),
  'setup.execute': setupExecute,
}
