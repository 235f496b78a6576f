import { buildArtefacts } from '../steps/artefacts.ts'
import type { BenchLine } from '../bench.ts'
import { packageAround, randomSquashfs } from './big-package.ts'
import { benchColdStart } from './cold-start.ts'
import { benchLatency } from './latency.ts'
import { benchMemory } from './memory.ts'
import { Server } from './server.ts'
import { benchSideload } from './sideload.ts'
import { openWorkspace } from './workspace.ts'

const PACKAGE_BYTES = 500_000_000

/** The whole way through a real server: start, change, sideload and what it holds in memory. */
export async function bench(): Promise<BenchLine[]> {
  await using workspace = await openWorkspace()
  const file = await packageAround(await randomSquashfs(workspace.path, PACKAGE_BYTES), workspace.path)
  await using server = await Server.create(workspace.path, await buildArtefacts())
  return [
    ...(await benchColdStart(server)),
    ...(await benchMemory(server)),
    ...(await benchLatency(server)),
    ...(await benchSideload(server, file)),
  ]
}
