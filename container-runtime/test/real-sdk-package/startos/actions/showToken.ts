import { settings } from '../fileModels/settings.json'
import { sdk } from '../sdk'

export const showToken = sdk.Action.withoutInput(
  'show-token',
  async ({ effects }) => ({
    name: 'Show Token',
    description: 'Shows the token that was made at install',
    warning: null,
    allowedStatuses: 'any',
    group: null,
    visibility: (await settings.read((s) => s.token).const(effects))
      ? 'enabled'
      : { disabled: 'No token yet' },
  }),
  async () => ({
    version: '1',
    title: 'Token',
    message: 'Keep it to yourself.',
    result: {
      type: 'single',
      value: (await settings.read().once())?.token ?? '',
      masked: true,
      copyable: true,
      qr: false,
    },
  }),
)
