import { z } from 'zod'
import { method, type Methods } from './method.ts'
import { Nothing } from './params.ts'

/** rpc-methods.md §3.6. */
export const dbApplyMethods = {
  'db.apply': method(
    'Rewrite the server’s state with a jq program',
    z.object({
      expr: z
        .string()
        .max(1 << 20)
        .describe('jq program; its result must fit the model'),
    }),
    Nothing,
    {
      mark: 'LATER',
      cli: {
        positional: ['expr'],
        custom: true,
        examples: ['start-cli db apply \'.public.serverInfo.name = "Attic"\''],
      },
    },
  ),
} as const satisfies Methods
