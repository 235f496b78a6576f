import { method, type Methods } from './method.ts'
import { None, Nothing } from './params.ts'

/** rpc-methods.md §3.7. */
export const kioskMethods = {
  'kiosk.enable': method('Show the server’s pages on a screen of this machine', None, Nothing, {
    mark: 'HW',
    cli: { positional: [], examples: ['start-cli kiosk enable'] },
  }),
  'kiosk.disable': method('No longer show them there', None, Nothing, {
    mark: 'HW',
    cli: { positional: [], examples: ['start-cli kiosk disable'] },
  }),
} as const satisfies Methods
