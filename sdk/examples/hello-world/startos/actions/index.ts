import { sdk } from '../sdk.ts'
import { setGreeting } from './set-greeting.ts'
import { showDetails } from './show-details.ts'

export const actions = sdk.Actions.of().addAction(setGreeting).addAction(showDetails)
