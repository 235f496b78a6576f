import { CodedError } from '@startd/base/errors.ts'
import { askSecret } from '../prompt.ts'
import type { CustomCommand } from './command.ts'

/** `auth login`: asks for the password, or takes `$PASSWORD`, and keeps the login for later commands. */
export const login: CustomCommand = {
  ownParameters: true,
  prepare: (command) => command.option('--ephemeral', 'Forget this login when the server restarts'),
  run: async ({ client }, _params, command) => {
    const password = process.env['PASSWORD'] ?? (await askSecret('Password: '))
    const ephemeral = command.opts()['ephemeral'] === true
    const { session } = await client.call('auth.login', { password, ephemeral })
    await client.keepSession(session)
  },
}

/** `auth reset-password`: asks for the old password and twice for the new one. */
export const resetPassword: CustomCommand = {
  ownParameters: true,
  run: async ({ client }) => {
    const oldPassword = await askSecret('Password now: ')
    const newPassword = await askSecret('New password: ')
    if ((await askSecret('New password again: ')) !== newPassword) {
      throw new CodedError('InvalidRequest', 'The two new passwords are not the same')
    }
    await client.call('auth.reset-password', { oldPassword, newPassword })
  },
}
