import { z } from 'zod'
import { Guid } from '../ids.ts'
import { method, type Methods } from './method.ts'
import { maybe, None, Nothing, orElse, Url } from './params.ts'

const Wait = z.object({ wait: orElse(z.boolean(), false).describe('Answer once all services are down') })

/** `targetVersion` is what the published interface sends for `target`. */
export const UpdateParams = z.object({
  registry: Url,
  target: maybe(z.string().max(4096)).describe('Range of versions; the newest unless given'),
  targetVersion: maybe(z.string().max(4096)).describe('The same, by another name'),
  progress: orElse(z.boolean(), false).describe('Open a stream of the progress'),
})
export const UpdateResult = z.object({ target: z.string().nullable(), progress: Guid.nullable() })

/** rpc-methods.md §3.2: the machine itself. */
export const serverPowerMethods = {
  'server.shutdown': method(
    'Stop all services and the server, or the whole machine where startd manages it',
    Wait,
    Nothing,
    {
      cli: { positional: [], examples: ['start-cli server shutdown', 'start-cli server shutdown --wait'] },
    },
  ),
  'server.restart': method(
    'Stop all services and start the server again, or the whole machine where startd manages it',
    Wait,
    Nothing,
    {
      cli: { positional: [], examples: ['start-cli server restart', 'start-cli server restart --wait'] },
    },
  ),
  'server.rebuild': method('Start again and make all containers anew; data stays', None, Nothing, {
    cli: { positional: [], examples: ['start-cli server rebuild'] },
  }),
  'server.update': method('Install a newer version of the server itself', UpdateParams, UpdateResult, {
    mark: 'HW',
    sync: true,
    cli: {
      positional: ['registry'],
      examples: ['start-cli server update https://registry.example.com'],
    },
  }),
  'server.update-firmware': method(
    'Install newer firmware on this machine; tells whether it must be restarted',
    None,
    z.boolean(),
    { mark: 'HW', cli: { positional: [], examples: ['start-cli server update-firmware'] } },
  ),
  'server.experimental.zram': method(
    'Turn compressed memory on or off',
    z.object({ enable: z.boolean().describe('On; off unless given') }),
    Nothing,
    {
      mark: 'HW',
      cli: { positional: [], examples: ['start-cli server experimental zram --enable'] },
    },
  ),
  'server.experimental.governor': method(
    'Show or choose how the processor weighs speed against power',
    z.object({ set: maybe(z.string().max(256)).describe('One of those available') }),
    z.object({ current: z.string().nullable(), available: z.array(z.string()) }),
    {
      mark: 'HW',
      cli: {
        positional: ['set?'],
        table: ['current', 'available'],
        examples: [
          'start-cli server experimental governor',
          'start-cli server experimental governor schedutil',
        ],
      },
    },
  ),
} as const satisfies Methods
