import { sdk } from '../sdk.ts'
import { resetPassword } from './reset-password.ts'
import { showCredentials } from './show-credentials.ts'

export const actions = sdk.Actions.of().addAction(showCredentials).addAction(resetPassword)
