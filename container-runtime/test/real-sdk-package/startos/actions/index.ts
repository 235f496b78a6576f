import { sdk } from '../sdk'
import { setGreeting } from './setGreeting'
import { showToken } from './showToken'

export const actions = sdk.Actions.of().addAction(setGreeting).addAction(showToken)
