import { sdk } from './sdk.ts'

export const PORT = 8080

/** The way in: a port of the service, and what is behind it. */
export const setInterfaces = sdk.setupInterfaces(async ({ effects }) => {
  const origin = await sdk.MultiHost.of(effects, 'main').bindPort(PORT, { protocol: 'http' })
  const ui = sdk.createInterface(effects, {
    id: 'ui',
    name: 'Web page',
    description: 'The page of {{title}}',
    type: 'ui',
    masked: false,
    schemeOverride: null,
    username: null,
    path: '',
    query: {},
  })
  return [await origin.export([ui])]
})
