import { z } from 'zod'
import { Guid } from '../ids.ts'
import { FullProgress } from '../progress.ts'
import { method, type Methods } from './method.ts'
import {
  LogFollowResponse,
  LogResponse,
  LogsFollowParams,
  LogsParams,
  maybe,
  None,
  Nothing,
  orElse,
  Password,
} from './params.ts'

const setup = { auth: 'setup', contexts: ['setup'] } as const
const init = { auth: 'setup', contexts: ['init'] } as const
const diagnostic = { auth: 'setup', contexts: ['diagnostic'] } as const

export const ProgressStream = z.object({ progress: FullProgress, guid: Guid })
export const SetupResult = z.object({ hostname: z.string(), rootCa: z.string(), needsRestart: z.boolean() })
export type SetupResult = z.infer<typeof SetupResult>
export const SetupStatus = z.union([
  z.object({ status: z.literal('needs-install') }),
  z.object({
    status: z.literal('incomplete'),
    guid: z.string().nullable(),
    attach: z.boolean(),
    mokEnrolled: z.boolean(),
    osDrive: z.string().nullable(),
  }),
  ProgressStream.extend({ status: z.literal('running') }),
  SetupResult.extend({ status: z.literal('complete') }),
])
export type SetupStatus = z.infer<typeof SetupStatus>

/** rpc-methods.md §3.12; the plain first boot, where the data directory is the disk. */
export const setupMethods = {
  'setup.status': method('Show how far the set-up is', None, SetupStatus, {
    ...setup,
    cli: { positional: [], examples: ['start-cli setup status'] },
  }),
  'setup.execute': method(
    'Set the server up: choose its password and name',
    z.object({
      password: Password.nullish(),
      name: maybe(z.string().max(256)).describe('Name for people, such as “Attic Server”'),
      hostname: maybe(z.string().max(256)).describe('Name on the network: a-z, 0-9 and dashes'),
      guid: maybe(z.string().max(256)).describe('Data disk; not needed here'),
      kiosk: orElse(z.boolean(), false).describe('Show the interface on a screen of this machine'),
      recoverySource: maybe(z.unknown()).describe('Backup or drive to start from'),
    }),
    ProgressStream,
    {
      ...setup,
      cli: {
        positional: [],
        custom: true,
        examples: [
          'start-cli setup execute --name "Attic Server"',
          'PASSWORD=… start-cli setup execute --name "Attic Server"',
        ],
      },
    },
  ),
  'setup.complete': method('Show the result of the set-up', None, SetupResult, {
    ...setup,
    cli: { positional: [], examples: ['start-cli setup complete'] },
  }),
  'setup.exit': method('Leave the set-up and run the server', None, Nothing, {
    ...setup,
    cli: { positional: [], examples: ['start-cli setup exit'] },
  }),
  'setup.set-language': method(
    'Choose the new server’s language',
    z.object({ language: z.enum(['en_US', 'de_DE', 'es_ES', 'fr_FR', 'pl_PL']) }),
    Nothing,
    { ...setup, cli: { positional: ['language'], examples: ['start-cli setup set-language de_DE'] } },
  ),
} as const satisfies Methods

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
} as const satisfies Methods

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
} as const satisfies Methods
