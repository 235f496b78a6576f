import type { FullProgress } from '@startd/base/progress.ts'
import type { Result } from '@startd/base/rpc/contract.ts'
import { ProgressView } from '../progress-view.ts'
import type { CustomCommand } from './command.ts'

/** `server update` and `diagnostic update`: show how the download goes, unless told otherwise. */
export function update(method: 'server.update' | 'diagnostic.update'): CustomCommand {
  return {
    prepare: (command) => command.option('--no-progress', 'Answer at once; the update goes on'),
    run: async ({ client, print }, params, command) => {
      const wait = command.opts()['progress'] !== false
      const { target, progress } = (await client.callAny(method, {
        ...params,
        progress: wait,
      })) as Result<'server.update'>
      if (target === null) return print('There is nothing newer')
      if (progress !== null) {
        using view = new ProgressView()
        for await (const state of client.follow<FullProgress | null>(progress)) if (state) view.show(state)
      }
      print(`${target} is ${progress === null ? 'on its way' : 'there'}; restart the server to use it`)
    },
  }
}
