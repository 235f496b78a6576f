import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildWeb, SCRIPT_LIMIT } from './build.ts'
import { initialScript } from './initial-script.ts'

/** One measured figure against a named baseline. */
export interface BenchLine {
  part: string
  figure: string
  value: number
  goal: number | null
  baseline: string
  ok: boolean | null
}

/** Weighs the script of the first page, from a build of the sources as they are. */
export async function bench(): Promise<BenchLine[]> {
  const outDir = await mkdtemp(join(tmpdir(), 'startd-web-'))
  try {
    await buildWeb({ outDir })
    const value = (await initialScript(outDir)) / 1000
    const goal = SCRIPT_LIMIT / 1000
    const baseline = 'StartOS UI 731 kB'
    return [{ part: 'web', figure: 'initial JS, gzip -9 (kB)', value, goal, baseline, ok: value <= goal }]
  } finally {
    await rm(outDir, { recursive: true, force: true })
  }
}
