import { readFile } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import type { BenchLine } from '../bench.ts'
import { line } from './measure.ts'
import type { Server } from './server.ts'

/** How long a server is left alone before it counts as idle. */
const SETTLE_MS = 3000

/** What a server holds that has just started and has nothing to do. */
export async function benchMemory(server: Server): Promise<BenchLine[]> {
  await server.stop()
  await server.start()
  await wait(SETTLE_MS)
  return [
    line('skeleton', {
      figure: 'idle memory of startd, no services (MB)',
      value: (await proportionalBytes(server.pid)) / 1e6,
      baseline: 'proportional set size of the process (PSS)',
    }),
  ]
}

/** Memory of a process, with what it shares with others divided among them (proc(5), smaps_rollup). */
export async function proportionalBytes(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8')
  return Number(/^Pss: +(\d+) kB/m.exec(text)?.[1] ?? Number.NaN) * 1024
}
