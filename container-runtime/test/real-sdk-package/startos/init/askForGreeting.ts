import { setGreeting } from '../actions/setGreeting'
import { sdk } from '../sdk'

export const askForGreeting = sdk.setupOnInit(async (effects, kind) => {
  if (kind !== 'install') return
  await sdk.action.createOwnTask(effects, setGreeting, 'critical', {
    reason: 'Choose whom the page greets before it goes up',
  })
})
