import { rm } from 'node:fs/promises'
import { execa } from 'execa'
import { verify } from '../../core/src/s9pk/cli/index.ts'
import { openS9pkFile } from '../../core/src/s9pk/index.ts'
import type { BenchLine } from '../bench.ts'
import { packageAround, randomSquashfs } from './big-package.ts'
import { LoopDelay, idleDelay } from './loop-delay.ts'
import { least, line, median, timed } from './measure.ts'
import { benchMemory, benchPack, benchRepack } from './pack.ts'
import { openWorkspace } from './workspace.ts'

const BYTES = 500_000_000
const LARGE_BYTES = 1_000_000_000
const ROUNDS = 5

/** Reading, checking and writing packages that lie in the page cache; the best of several rounds counts. */
export async function bench(): Promise<BenchLine[]> {
  await using workspace = await openWorkspace()
  const { path } = workspace
  const large = await randomSquashfs(path, LARGE_BYTES)
  const lines = await benchPack(large, path)
  const file = await packageAround(large, path)
  await rm(large)
  lines.push(...(await benchVerify(file)), await benchOpen(file))
  await rm(file)
  const squashfs = await randomSquashfs(path, BYTES)
  lines.push(...(await benchRepack(squashfs, path)))
  await rm(squashfs)
  lines.push(...(await benchMemory(path)))
  return lines
}

async function benchVerify(file: string): Promise<BenchLine[]> {
  const [ours, plain, delays]: [number[], number[], number[]] = [[], [], []]
  const idle = await idleDelay()
  for (let round = 0; round < ROUNDS; round++) {
    plain.push(await timed(() => execa('b3sum', ['--num-threads', '1', file])))
    using delay = new LoopDelay()
    ours.push(await timed(() => verify(file)))
    delays.push(delay.p99())
  }
  return [
    line('s9pk', {
      figure: 'verify 1 GB, speed',
      value: least(plain) / least(ours),
      goal: { atLeast: 0.8 },
      baseline: `b3sum --num-threads 1: ${least(plain).toFixed(0)} ms; ours ${least(ours).toFixed(0)} ms`,
    }),
    line('s9pk', {
      figure: 'delay of the event loop while verifying, p99 (ms)',
      value: median(delays),
      goal: { atMost: 20 },
      baseline: `a timer every 5 ms; ${idle.toFixed(1)} ms while nothing was verified, which is the rest of the machine`,
    }),
  ]
}

async function benchOpen(file: string): Promise<BenchLine> {
  const times: number[] = []
  for (let round = 0; round < ROUNDS * 10; round++) {
    times.push(
      await timed(async () => {
        await using _opened = await openS9pkFile(file)
      }),
    )
  }
  return line('s9pk', {
    figure: 'open a package of 1 GB (ms)',
    value: median(times),
    baseline: 'signature, tables of contents and manifest verified; no file read',
  })
}
