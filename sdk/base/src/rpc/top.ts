import { z } from 'zod'
import { method, type Methods } from './method.ts'
import { None } from './params.ts'

/** rpc-methods.md §3.1. */
export const topMethods = {
  'git-info': method('Show from which source this server was built', None, z.string(), {
    contexts: ['running', 'init', 'diagnostic', 'setup'],
    mark: 'LATER',
    cli: { positional: [], examples: ['start-cli git-info'] },
  }),
  echo: method('Ask the server to say something back', z.object({ message: z.string() }), z.string(), {
    auth: 'public',
    cli: { positional: ['message'], examples: ['start-cli echo hello'] },
  }),
  state: method(
    'Show whether the server is running, still starting, or in trouble',
    None,
    z.enum(['running', 'initializing', 'error']),
    {
      auth: 'public',
      contexts: ['running', 'init', 'diagnostic'],
      cli: { positional: [], examples: ['start-cli state'] },
    },
  ),
} as const satisfies Methods
