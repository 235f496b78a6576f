import type { MethodName } from '@startd/base/rpc/contract.ts'
import type { LogEntry, LogFollowResponse, LogResponse } from '@startd/base/rpc/params.ts'
import { CodedError } from '@startd/base/errors.ts'
import { logLine } from '../show/log-line.ts'
import { terminalOf } from '../show/style.ts'
import type { CustomCommand } from './command.ts'

/** Prints a log; with `-f` goes on until interrupted. */
export function logs(read: MethodName, follow: MethodName): CustomCommand {
  return {
    prepare: (command) => command.option('-f, --follow', 'Go on with what comes, until interrupted'),
    run: async ({ client, print, format }, params, command) => {
      const terminal = terminalOf(process.stdout)
      const show = (entry: LogEntry) =>
        print(format === null || format === 'table' ? logLine(entry, terminal) : JSON.stringify(entry))
      if (command.opts()['follow'] !== true) {
        const { entries } = (await client.callAny(read, params)) as LogResponse
        for (const entry of entries) show(entry)
        return
      }
      if (params['cursor'] !== undefined || params['before'] === true) {
        throw new CodedError(
          'InvalidRequest',
          '--follow goes on from now; it does not fit --cursor or --before',
        )
      }
      const { guid } = (await client.callAny(follow, params)) as LogFollowResponse
      for await (const entry of client.follow<LogEntry>(guid)) show(entry)
    },
  }
}
