import { VersionInfo } from '@start9labs/start-sdk'

export const v1_0_0_1 = VersionInfo.of({
  version: '1.0.0:1',
  releaseNotes: { en_US: 'First release.' },
  migrations: {},
})
