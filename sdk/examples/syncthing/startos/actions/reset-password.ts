import { credentials, newPassword } from '../credentials.ts'
import { sdk } from '../sdk.ts'
import { credentialsResult } from './credentials-result.ts'

export const resetPassword = sdk.Action.withoutInput(
  'reset-password',
  {
    name: 'Reset password',
    description: 'Makes a new password for the web interface',
    warning: 'The old password stops working. A running service starts again to take over the new one.',
    allowedStatuses: 'any',
    group: null,
    visibility: 'enabled',
  },
  async ({ effects }) => {
    const login = { user: 'admin', password: newPassword() }
    await credentials.write(effects, login)
    return credentialsResult('New password', 'It works as soon as the service has started again.', login)
  },
)
