import { IMPOSSIBLE, VersionInfo } from '@startd/sdk'

export const v1_19_2_0 = VersionInfo.of({
  version: '1.19.2:0',
  releaseNotes: 'Syncthing 1.19.2 as it is in Debian 12.',
  migrations: { up: async () => {}, down: IMPOSSIBLE },
})
