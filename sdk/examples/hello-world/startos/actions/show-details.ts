import { sdk } from '../sdk.ts'
import { COLOURS, settings } from '../settings.ts'

export const showDetails = sdk.Action.withoutInput(
  'show-details',
  {
    name: 'Show details',
    description: 'Shows what your page is made of',
    warning: null,
    allowedStatuses: 'any',
    group: null,
    visibility: 'enabled',
  },
  async () => {
    const chosen = await settings.read().once()
    if (!chosen) throw new Error('The page has no settings yet. Restart the service to have them made.')
    const member = (name: string, description: string, value: string) =>
      ({ type: 'single', name, description, value, copyable: true, masked: false, qr: false }) as const
    return {
      version: '1',
      title: 'Your page',
      message: null,
      result: {
        type: 'group',
        value: [
          member('Greeting', 'What the page says', chosen.greeting),
          member('Colour', 'How the page looks', COLOURS[chosen.colour]),
        ],
      },
    }
  },
)
