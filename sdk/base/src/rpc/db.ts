import { z } from 'zod'
import { Guid } from '../ids.ts'
import { method, type Methods } from './method.ts'
import { JsonPointer, Nothing, orElse } from './params.ts'

/** Our own additions to the published stream; without `encoding` it is exactly that. */
const stream = {
  encoding: z
    .enum(['json', 'cbor'])
    .nullish()
    .describe('Frames as text or as CBOR, and with “from”: the id that each of them continues'),
  since: z
    .object({ epoch: z.string().max(64), id: z.int().nonnegative() })
    .nullish()
    .describe(
      'How far the caller’s copy goes; where the rest is still known, frames bring it and no dump comes',
    ),
}

const Dump = z.object({ id: z.int().nonnegative(), value: z.unknown() })
const pointer = orElse(JsonPointer, '/public').describe('JSON pointer, /public unless given')

/** rpc-methods.md §3.6. */
export const dbMethods = {
  'db.dump': method('Print the server’s state', z.object({ pointer }), Dump, {
    cli: {
      positional: [],
      custom: true,
      examples: [
        'start-cli db dump',
        'start-cli db dump --pointer /public/serverInfo/hostname',
        'start-cli db dump --include-private --format yaml',
        'start-cli db dump ./startd.db',
      ],
    },
  }),
  'db.subscribe': method(
    'Get the state and a stream of its changes',
    z.object({ pointer, ...stream }),
    z.object({ dump: Dump.optional(), guid: Guid, epoch: z.string().optional() }),
    {
      getSession: true,
      cli: {
        positional: [],
        custom: true,
        examples: ['start-cli db subscribe', 'start-cli db subscribe /public/packageData --format yaml'],
      },
    },
  ),
  'db.put.ui': method(
    'Store a setting of the user interface',
    z.object({
      pointer: JsonPointer.describe('JSON pointer below /public/ui'),
      value: z.json().describe('JSON'),
    }),
    Nothing,
    { cli: { positional: ['pointer', 'value'], examples: ['start-cli db put ui /snakeHighScore 12'] } },
  ),
} as const satisfies Methods
