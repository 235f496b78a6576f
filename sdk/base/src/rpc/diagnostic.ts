import { z } from 'zod'
import { method, type Methods } from './method.ts'
import { LogFollowResponse, LogResponse, LogsFollowParams, LogsParams, None, Nothing } from './params.ts'
import { UpdateParams, UpdateResult } from './server-power.ts'

const diagnostic = { auth: 'setup', contexts: ['diagnostic'] } as const
/** Also there when the server runs, and then only after login. */
const everywhere = { mark: 'HW', contexts: ['running', 'init', 'diagnostic', 'setup'] } as const

/** rpc-methods.md §3.10. */
export const diagnosticMethods = {
  'diagnostic.error': method(
    'Show why the server could not start',
    None,
    z.object({ code: z.int(), message: z.string(), data: z.unknown() }),
    { ...diagnostic, cli: { positional: [], examples: ['start-cli diagnostic error'] } },
  ),
  'diagnostic.logs': method('Show what the failed server has logged', LogsParams, LogResponse, {
    ...diagnostic,
    cli: { positional: [], custom: true, examples: ['start-cli diagnostic logs'] },
  }),
  'diagnostic.logs.follow': method(
    'Watch what the failed server logs',
    LogsFollowParams,
    LogFollowResponse,
    diagnostic,
  ),
  'diagnostic.kernel-logs': method('Show what the kernel has logged', LogsParams, LogResponse, {
    ...diagnostic,
    cli: { positional: [], custom: true, examples: ['start-cli diagnostic kernel-logs'] },
  }),
  'diagnostic.kernel-logs.follow': method(
    'Watch what the kernel logs',
    LogsFollowParams,
    LogFollowResponse,
    diagnostic,
  ),
  'diagnostic.restart': method('Start the server again', None, Nothing, {
    ...diagnostic,
    cli: { positional: [], examples: ['start-cli diagnostic restart'] },
  }),
  'diagnostic.rebuild': method('Start again and make all containers anew; data stays', None, Nothing, {
    ...diagnostic,
    cli: { positional: [], examples: ['start-cli diagnostic rebuild'] },
  }),
  'diagnostic.disk.forget': method('Forget the data disk; the next start is a first one', None, Nothing, {
    ...everywhere,
    cli: { positional: [], examples: ['start-cli diagnostic disk forget'] },
  }),
  'diagnostic.disk.repair': method('Check and repair the data disk at the next start', None, Nothing, {
    ...everywhere,
    cli: { positional: [], examples: ['start-cli diagnostic disk repair'] },
  }),
  'diagnostic.update': method('Repair the server by installing a newer version', UpdateParams, UpdateResult, {
    ...diagnostic,
    mark: 'HW',
    cli: { positional: ['registry'], examples: ['start-cli diagnostic update https://registry.example.com'] },
  }),
} as const satisfies Methods
