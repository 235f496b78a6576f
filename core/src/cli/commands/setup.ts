import type { FullProgress } from '@startd/base/progress.ts'
import type { Result } from '@startd/base/rpc/contract.ts'
import { ProgressView } from '../progress-view.ts'
import { askSecret } from '../prompt.ts'
import { renderResult } from '../output.ts'
import type { CustomCommand, Session } from './command.ts'

/** `setup execute`: asks for the password, or takes `$PASSWORD`, and waits until the server is set up. */
export const setupExecute: CustomCommand = {
  ownParameters: true,
  prepare: (command) =>
    command
      .option('--name <name>', 'Name for people, such as “Attic Server”')
      .option('--hostname <hostname>', 'Name on the network: a-z, 0-9 and dashes'),
  run: async (session, _params, command) => {
    const { name, hostname } = command.opts<{ name?: string; hostname?: string }>()
    const password = process.env['PASSWORD'] ?? (await askSecret('New password: '))
    const { guid } = await session.client.call('setup.execute', { password, name, hostname })
    await finish(session, guid)
  },
}

/** `setup attach`: as `setup execute`, with a disk that already holds a server; its password may stay. */
export const setupAttach: CustomCommand = {
  prepare: (command) => command.option('--no-password', 'Keep the password that the server on the disk has'),
  run: async (session, params, command) => {
    const keeps = command.opts()['password'] === false
    const given = typeof params['password'] === 'string' ? params['password'] : process.env['PASSWORD']
    const password = keeps ? null : (given ?? (await askSecret('New password: ')))
    const { guid } = (await session.client.callAny('setup.attach', {
      ...params,
      password,
    })) as Result<'setup.attach'>
    await finish(session, guid)
  },
}

async function finish({ client, print, format }: Session, guid: string): Promise<void> {
  using view = new ProgressView()
  for await (const progress of client.follow<FullProgress>(guid)) view.show(progress)
  const result = await client.call('setup.complete', {})
  await client.call('setup.exit', {})
  print(renderResult('setup.complete', result, format, null))
}

/** `init subscribe`: shows the start of the server until it runs. */
export const initSubscribe: CustomCommand = {
  run: async ({ client }) => {
    const { guid } = await client.call('init.subscribe', {})
    using view = new ProgressView()
    for await (const progress of client.follow<FullProgress>(guid)) view.show(progress)
  },
}
