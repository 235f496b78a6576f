import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { verify } from '../../core/src/s9pk/cli/index.ts'
import { openS9pkFile } from '../../core/src/s9pk/index.ts'
import type { BenchLine } from '../bench.ts'
import { packageAround, randomSquashfs } from './big-package.ts'
import { least, line, median, timed } from './measure.ts'
import { benchMemory, benchPack, benchRepack } from './pack.ts'
import { openWorkspace } from './workspace.ts'

const PACKAGE_BYTES = 500_000_000
const LARGE_BYTES = 1_000_000_000
const ROUNDS = 5

/** Reading, checking and writing packages that lie in the page cache; the best of several rounds counts. */
export async function bench(): Promise<BenchLine[]> {
  await using workspace = await openWorkspace()
  const squashfs = await randomSquashfs(workspace.path, PACKAGE_BYTES)
  const file = await packageAround(squashfs, workspace.path)
  const lines = [...(await benchVerify(file)), await benchOpen(file)]
  await rm(file)
  lines.push(...(await benchRepack(squashfs, workspace.path)))
  await rm(squashfs)
  const large = join(workspace.path, 'large')
  await mkdir(large)
  lines.push(...(await benchPack(await randomSquashfs(large, LARGE_BYTES), large)))
  await rm(large, { recursive: true })
  lines.push(...(await benchMemory(workspace.path)))
  return lines
}

async function benchVerify(file: string): Promise<BenchLine[]> {
  const ours: number[] = []
  const plain: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    plain.push(await timed(() => execa('b3sum', ['--num-threads', '1', file])))
    ours.push(await timed(() => verify(file)))
  }
  return [
    line('s9pk', {
      figure: 'verify 500 MB, speed',
      value: least(plain) / least(ours),
      goal: { atLeast: 0.8 },
      baseline: `b3sum --num-threads 1: ${least(plain).toFixed(0)} ms; ours ${least(ours).toFixed(0)} ms`,
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
    figure: 'open a package of 500 MB (ms)',
    value: median(times),
    baseline: 'signature, tables of contents and manifest verified; no file read',
  })
}
