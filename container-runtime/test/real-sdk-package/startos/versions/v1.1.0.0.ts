import { VersionInfo } from '@start9labs/start-sdk'
import { settings } from '../fileModels/settings.json'

export const v1_1_0_0 = VersionInfo.of({
  version: '1.1.0:0',
  releaseNotes: { en_US: 'The greeting can be repeated.' },
  migrations: {
    up: async ({ effects }) => {
      await settings.merge(effects, { times: 1 })
    },
    down: async () => {},
  },
})
