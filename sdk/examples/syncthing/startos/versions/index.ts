import { VersionGraph } from '@startd/sdk'
import { v1_19_2_0 } from './v1.19.2.0.ts'

export const versionGraph = VersionGraph.of({ current: v1_19_2_0, other: [] })
