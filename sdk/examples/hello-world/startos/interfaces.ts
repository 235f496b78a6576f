import { sdk } from './sdk.ts'

export const UI_PORT = 8080

export const setInterfaces = sdk.setupInterfaces(async ({ effects }) => {
  const host = sdk.MultiHost.of(effects, 'main')
  const origin = await host.bindPort(UI_PORT, { protocol: 'http' })
  const ui = sdk.createInterface(effects, {
    id: 'ui',
    name: 'Web page',
    description: 'The page with your greeting',
    type: 'ui',
    masked: false,
    schemeOverride: null,
    username: null,
    path: '',
    query: {},
  })
  return [await origin.export([ui])]
})
