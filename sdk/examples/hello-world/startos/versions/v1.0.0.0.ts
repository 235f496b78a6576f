import { IMPOSSIBLE, VersionInfo } from '@startd/sdk'

export const v1_0_0_0 = VersionInfo.of({
  version: '1.0.0:0',
  releaseNotes: 'The first version.',
  migrations: { up: async () => {}, down: IMPOSSIBLE },
})
