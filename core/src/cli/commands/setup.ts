import type { FullProgress } from '@startd/base/progress.ts'
import { ProgressView } from '../progress-view.ts'
import { askSecret } from '../prompt.ts'
import { render } from '../output.ts'
import type { CustomCommand } from './command.ts'

/** `setup execute`: asks for the password, or takes `$PASSWORD`, and waits until the server is set up. */
export const setupExecute: CustomCommand = {
  ownParameters: true,
  prepare: (command) =>
    command
      .option('--name <name>', 'Name for people, such as “Attic Server”')
      .option('--hostname <hostname>', 'Name on the network: a-z, 0-9 and dashes'),
  run: async ({ client, print, format }, _params, command) => {
    const { name, hostname } = command.opts<{ name?: string; hostname?: string }>()
    const password = process.env['PASSWORD'] ?? (await askSecret('New password: '))
    const { guid } = await client.call('setup.execute', { password, name, hostname })
    using view = new ProgressView()
    for await (const progress of client.follow<FullProgress>(guid)) view.show(progress)
    const result = await client.call('setup.complete', {})
    await client.call('setup.exit', {})
    print(render(result, format, ['hostname']))
  },
}

/** `init subscribe`: shows the start of the server until it runs. */
export const initSubscribe: CustomCommand = {
  run: async ({ client }) => {
    const { guid } = await client.call('init.subscribe', {})
    using view = new ProgressView()
    for await (const progress of client.follow<FullProgress>(guid)) view.show(progress)
  },
}
