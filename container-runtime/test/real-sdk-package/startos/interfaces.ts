import { sdk } from './sdk'
import { uiPort } from './utils'

export const setInterfaces = sdk.setupInterfaces(async ({ effects }) => {
  const multi = sdk.MultiHost.of(effects, 'main')
  const origin = await multi.bindPort(uiPort, { protocol: 'http' })
  const page = sdk.createInterface(effects, {
    name: 'Greeting',
    id: 'page',
    description: 'The page with your greeting',
    type: 'ui',
    username: null,
    path: '',
    query: {},
    schemeOverride: null,
    masked: false,
  })
  return [await origin.export([page])]
})
