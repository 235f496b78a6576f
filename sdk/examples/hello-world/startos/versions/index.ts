import { VersionGraph } from '@startd/sdk'
import { v1_0_0_0 } from './v1.0.0.0.ts'

export const versionGraph = VersionGraph.of({ current: v1_0_0_0, other: [] })
