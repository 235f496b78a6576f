import { IMPOSSIBLE, VersionGraph, VersionInfo } from '@startd/sdk'

const first = VersionInfo.of({
  // The application's version, and after the colon your own revision of the package.
  version: '1.0.0:0',
  releaseNotes: 'The first version.',
  migrations: { up: async () => {}, down: IMPOSSIBLE },
})

/** A later version becomes `current`, and this one moves to `other`. */
export const versionGraph = VersionGraph.of({ current: first, other: [] })
