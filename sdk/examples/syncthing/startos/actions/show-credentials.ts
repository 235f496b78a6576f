import { credentials } from '../credentials.ts'
import { sdk } from '../sdk.ts'
import { credentialsResult } from './credentials-result.ts'

export const showCredentials = sdk.Action.withoutInput(
  'show-credentials',
  {
    name: 'Show credentials',
    description: 'User name and password of the web interface',
    warning: null,
    allowedStatuses: 'any',
    group: null,
    visibility: 'enabled',
  },
  async () => {
    const login = await credentials.read().once()
    if (!login) throw new Error('There is no password yet. Run “Reset password” to have one made.')
    return credentialsResult('Credentials', 'Use them to log in to the web interface.', login)
  },
)
