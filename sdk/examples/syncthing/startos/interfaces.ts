import { SYNC_PORT, UI_PORT } from './ports.ts'
import { sdk } from './sdk.ts'

const plain = { masked: false, schemeOverride: null, username: null, path: '', query: {} }

export const setInterfaces = sdk.setupInterfaces(async ({ effects }) => {
  const pages = await sdk.MultiHost.of(effects, 'ui').bindPort(UI_PORT, { protocol: 'http' })
  const ui = sdk.createInterface(effects, {
    ...plain,
    id: 'ui',
    name: 'Web Interface',
    description: 'Choose folders and devices here',
    type: 'ui',
  })

  const devices = await sdk.MultiHost.of(effects, 'sync').bindPort(SYNC_PORT, {
    protocol: null,
    preferredExternalPort: SYNC_PORT,
    addSsl: null,
    secure: { ssl: true },
  })
  const sync = sdk.createInterface(effects, {
    ...plain,
    id: 'sync',
    name: 'Device connections',
    description: 'The address under which your other devices reach this one',
    type: 'p2p',
    schemeOverride: { ssl: 'tcp', noSsl: 'tcp' },
  })
  return [await pages.export([ui]), await devices.export([sync])]
})
