import { method, type Methods } from './method.ts'
import {
  LogFollowResponse,
  LogResponse,
  LogsFollowParams,
  LogsParams,
  None,
  ProgressStream,
} from './params.ts'

const init = { auth: 'setup', contexts: ['init'] } as const

/** rpc-methods.md §3.11. */
export const initMethods = {
  'init.subscribe': method('Watch the server start', None, ProgressStream, {
    ...init,
    cli: { positional: [], custom: true, examples: ['start-cli init subscribe'] },
  }),
  'init.logs': method('Show what the starting server has logged', LogsParams, LogResponse, {
    ...init,
    cli: { positional: [], custom: true, examples: ['start-cli init logs'] },
  }),
  'init.logs.follow': method(
    'Watch what the starting server logs',
    LogsFollowParams,
    LogFollowResponse,
    init,
  ),
  'init.kernel-logs': method('Show what the kernel has logged', LogsParams, LogResponse, {
    ...init,
    cli: { positional: [], custom: true, examples: ['start-cli init kernel-logs'] },
  }),
  'init.kernel-logs.follow': method('Watch what the kernel logs', LogsFollowParams, LogFollowResponse, init),
} as const satisfies Methods
