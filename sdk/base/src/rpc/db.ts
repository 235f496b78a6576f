import { z } from 'zod'
import { Guid } from '../ids.ts'
import { method, type Methods } from './method.ts'
import { JsonPointer, Nothing, orElse } from './params.ts'

const Dump = z.object({ id: z.int().nonnegative(), value: z.unknown() })
const pointer = orElse(JsonPointer, '/public').meta({
  description: 'JSON pointer, /public unless given',
  short: 'p',
})

/** rpc-methods.md §3.6. */
export const dbMethods = {
  'db.dump': method('Print the server’s state', z.object({ pointer }), Dump, {
    cli: {
      positional: [],
      examples: ['start-cli db dump', 'start-cli db dump --pointer /public/serverInfo/hostname'],
    },
  }),
  'db.subscribe': method(
    'Get the state and a stream of its changes',
    z.object({ pointer }),
    z.object({ dump: Dump, guid: Guid }),
    { getSession: true },
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
