import { method, type Methods } from './method.ts'
import { LogFollowResponse, LogResponse, LogsFollowParams, LogsParams } from './params.ts'

/** rpc-methods.md §3.2. */
export const serverLogMethods = {
  'server.logs': method('Show what the server has logged', LogsParams, LogResponse, {
    cli: {
      positional: [],
      custom: true,
      examples: ['start-cli server logs', 'start-cli server logs --limit 200', 'start-cli server logs -f'],
    },
  }),
  'server.logs.follow': method('Watch what the server logs', LogsFollowParams, LogFollowResponse, {
    getSession: true,
  }),
  'server.kernel-logs': method('Show what the kernel has logged', LogsParams, LogResponse, {
    cli: {
      positional: [],
      custom: true,
      examples: ['start-cli server kernel-logs', 'start-cli server kernel-logs --boot -1'],
    },
  }),
  'server.kernel-logs.follow': method('Watch what the kernel logs', LogsFollowParams, LogFollowResponse, {
    getSession: true,
  }),
} as const satisfies Methods
