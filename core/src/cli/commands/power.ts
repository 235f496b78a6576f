import { CodedError, ERROR_KINDS } from '@startd/base/errors.ts'
import type { CustomCommand } from './command.ts'

/**
 * `server shutdown` and `server restart`: wait until all services are down, because scripts that switch a machine off
 * rely on it (rpc-methods.md §4.3).
 */
export function power(method: 'server.shutdown' | 'server.restart'): CustomCommand {
  return {
    prepare: (command) => command.option('--nowait', 'Do not wait until all services are down'),
    run: async ({ client }, _params, command) => {
      const wait = command.opts()['nowait'] !== true
      // Says that nothing answers, or that nobody is logged in, before a lost connection means success.
      await client.call('server.time', {})
      try {
        await client.call(method, { wait })
      } catch (error) {
        // The server may be gone before it has answered: that is what was asked for.
        const hasGone = wait && error instanceof CodedError && error.code === ERROR_KINDS.Network[0]
        if (!hasGone) throw error
      }
    },
  }
}
