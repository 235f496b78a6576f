import { CodedError, ERROR_KINDS } from '@startd/base/errors.ts'
import type { Client } from '../client.ts'
import { RemoteError } from '../failure.ts'
import { askSecret } from '../prompt.ts'
import type { CustomCommand } from './command.ts'

/**
 * `auth login`: asks for the password, or takes `$PASSWORD`, and keeps the login for later commands. With `--key` the
 * server learns the key of this user instead, and later commands are signed with it.
 */
export const login: CustomCommand = {
  ownParameters: true,
  prepare: (command) =>
    command
      .option('--ephemeral', 'Forget this login when the server restarts')
      .option(
        '--key',
        'Log in with your key: asks for the password once, and signs every command from then on',
      ),
  run: async ({ client, print }, _params, command) => {
    const { ephemeral, key } = command.opts<{ ephemeral?: boolean; key?: boolean }>()
    if (key === true) return logInWithKey(client, print)
    const { session } = await client.call('auth.login', {
      password: await askPassword(),
      ephemeral: ephemeral === true,
    })
    await client.keepSession(session)
  },
}

/** `auth key add`: as the call; root of the server's machine is not asked for the password. */
export const addKey: CustomCommand = {
  run: async ({ client, print }, params) => {
    const { key } = params as { key: string }
    const password = client.isLocal ? '' : await askPassword()
    print((await client.call('auth.key.add', { key, password })).id)
  },
}

/** `auth reset-password`: asks for the old password and twice for the new one. */
export const resetPassword: CustomCommand = {
  ownParameters: true,
  prepare: (command) =>
    command.option('--forgotten', 'Do not ask for the old one; only as root on the machine of the server'),
  run: async ({ client }, _params, command) => {
    const forgotten = command.opts<{ forgotten?: boolean }>().forgotten === true
    if (forgotten && !client.isLocal) {
      throw new CodedError(
        'InvalidRequest',
        'Without the old password this works only on the machine of the server, as the user that runs it',
      )
    }
    const oldPassword = forgotten ? '' : await askSecret('Password now: ')
    const newPassword = await askSecret('New password: ')
    if ((await askSecret('New password again: ')) !== newPassword) {
      throw new CodedError('InvalidRequest', 'The two new passwords are not the same')
    }
    await client.call('auth.reset-password', { oldPassword, newPassword })
  },
}

async function logInWithKey(client: Client, print: (text: string) => void): Promise<void> {
  if (client.isLocal) return print('No login is needed on the machine of the server')
  const [{ createKeyFile, developerKeyPath }, { pubkey }] = await Promise.all([
    import('../../s9pk/key-files.ts'),
    import('../../s9pk/cli/keys.ts'),
  ])
  const path = await developerKeyPath()
  await createKeyFile(path)
  const before = await client.proof()
  try {
    await client.keepProof({ key: path })
    if (await isKnown(client)) return
    const password = await askPassword()
    await client.keepSession((await client.call('auth.login', { password, ephemeral: true })).session)
    const { id } = await client.call('auth.key.add', { key: await pubkey(), password })
    await client.call('auth.logout', {})
    await client.keepProof({ key: path })
    print(`${client.host} knows the key ${path} now: ${id}`)
  } catch (error) {
    await client.keepProof(before)
    throw error
  }
}

/** Whether the key that signs is one of the server's already. */
async function isKnown(client: Client): Promise<boolean> {
  try {
    await client.call('auth.session.list', {})
    return true
  } catch (error) {
    if (error instanceof RemoteError && error.rpc.code === ERROR_KINDS.IncorrectPassword[0]) return false
    throw error
  }
}

async function askPassword(): Promise<string> {
  return process.env['PASSWORD'] ?? (await askSecret('Password: '))
}
