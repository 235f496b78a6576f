import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { verify } from '../../core/src/s9pk/cli/index.ts'
import { fileContent, newSeed, openS9pkFile, treeOf, writeArchive } from '../../core/src/s9pk/index.ts'
import type { BenchLine } from '../bench.ts'
import { packageAround, randomSquashfs } from './big-package.ts'
import { least, line, median, timed } from './measure.ts'
import { openWorkspace } from './workspace.ts'

const PACKAGE_BYTES = 500_000_000
const ROUNDS = 5

/** Reading, checking and writing packages of 500 MB that lie in the page cache; the best of several rounds counts. */
export async function bench(): Promise<BenchLine[]> {
  await using workspace = await openWorkspace()
  const squashfs = await randomSquashfs(workspace.path, PACKAGE_BYTES)
  const file = await packageAround(squashfs, workspace.path)
  return [...(await benchVerify(file)), ...(await benchPack(squashfs, workspace.path)), await benchOpen(file)]
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

/** The packed file is synced to the disk; `cp` leaves that to the kernel. */
async function benchPack(squashfs: string, directory: string): Promise<BenchLine[]> {
  const ours: number[] = []
  const plain: number[] = []
  const output = join(directory, 'packed')
  for (let round = 0; round < ROUNDS; round++) {
    plain.push(
      await timed(async () => {
        await execa('cp', ['--reflink=never', squashfs, output])
        await execa('b3sum', [output])
      }),
    )
    await rm(output)
    ours.push(await timed(() => pack(squashfs, output)))
    await rm(output)
  }
  return [
    line('s9pk', {
      figure: 'pack a prepared squashfs of 500 MB',
      value: least(ours) / least(plain),
      baseline: `cp + b3sum: ${least(plain).toFixed(0)} ms; ours ${least(ours).toFixed(0)} ms`,
    }),
  ]
}

async function pack(squashfs: string, output: string): Promise<void> {
  const tree = treeOf(new Map([['images/main.squashfs', await fileContent(squashfs)]]))
  await writeArchive(tree, output, { signer: { seed: newSeed() } })
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
