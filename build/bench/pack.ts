import { execFile } from 'node:child_process'
import { randomFillSync } from 'node:crypto'
import { cp, mkdir, open, rm, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { execa } from 'execa'
import { fileContent, newSeed, packProject, treeOf, writeArchive } from '../../core/src/s9pk/index.ts'
import { bundlePackage } from '../../sdk/package/build.ts'
import type { BenchLine } from '../bench.ts'
import { NODE, ROOT } from '../steps/paths.ts'
import { LoopDelay, idleDelay } from './loop-delay.ts'
import { least, line, median, timed } from './measure.ts'

const ROUNDS = 5
const SEED = newSeed()
const MEGABYTE = 1e6
const SMALL_BYTES = 10e6
const LARGE_BYTES = 5e9

/**
 * A squashfs of 1 GB, in the page cache, becomes a package. Both sides leave their file on the disk: `cp`, `sync --data`
 * and `b3sum` one after another, against one pass that does all three.
 */
export async function benchPack(squashfs: string, directory: string): Promise<BenchLine[]> {
  const output = join(directory, 'packed')
  const [copies, syncs, hashes, ours, delays]: number[][] = [[], [], [], [], []]
  const idle = await idleDelay()
  for (let round = 0; round < ROUNDS; round++) {
    copies!.push(await timed(() => execa('cp', ['--reflink=never', squashfs, output])))
    syncs!.push(await timed(() => execa('sync', ['--data', output])))
    hashes!.push(await timed(() => execa('b3sum', [output])))
    await rm(output)
    using delay = new LoopDelay()
    ours!.push(await timed(() => pack(squashfs, output)))
    delays!.push(delay.p99())
    await rm(output)
  }
  const unsynced = least(copies!.map((copy, i) => copy + hashes![i]!))
  const synced = least(copies!.map((copy, i) => copy + syncs![i]! + hashes![i]!))
  const said = `ours ${least(ours!).toFixed(0)} ms`
  return [
    line('s9pk', {
      figure: 'pack a prepared squashfs of 1 GB, both on the disk',
      value: least(ours!) / synced,
      goal: { atMost: 1.3 },
      baseline: `cp + sync + b3sum: ${synced.toFixed(0)} ms; ${said}`,
    }),
    line('s9pk', {
      figure: 'the same, against a copy that is only in memory',
      value: least(ours!) / unsynced,
      goal: { atMost: 1.3 },
      baseline: `cp + b3sum: ${unsynced.toFixed(0)} ms; ${said}, on the disk`,
    }),
    line('s9pk', {
      figure: 'delay of the event loop while packing, p99 (ms)',
      value: median(delays!),
      goal: { atMost: 20 },
      baseline: `a timer every 5 ms; ${idle.toFixed(1)} ms while nothing was packed, which is the rest of the machine`,
    }),
  ]
}

/** A project with a prepared image is packed, packed again, and packed after a change of its instructions. */
export async function benchRepack(squashfs: string, directory: string): Promise<BenchLine[]> {
  const project = join(directory, 'repack')
  const example = join(ROOT, 'sdk/examples/hello-world')
  await bundlePackage(example)
  for (const name of ['javascript', 'icon.svg', 'LICENSE', 'instructions.md']) {
    await cp(join(example, name), join(project, name), { recursive: true })
  }
  const images = join(project, 'images/x86_64')
  await mkdir(images, { recursive: true })
  await cp(squashfs, join(images, 'main.squashfs'))
  const cacheDir = join(directory, 'cache')
  // Files that have just been made are not trusted; the clock says that these are older.
  const now = () => Date.now() + 60_000
  const run = () => packProject(project, { seed: SEED, arch: ['x86_64'], assets: false, cacheDir, now })
  const first = await timed(run)
  const again = median([await timed(run), await timed(run), await timed(run)])
  await rm(project, { recursive: true })
  return [
    line('s9pk', {
      figure: 'pack an unchanged project of 500 MB again (share of the first time)',
      value: again / first,
      baseline: `first ${first.toFixed(0)} ms; again ${again.toFixed(0)} ms, of which most is running its code for the manifest`,
    }),
  ]
}

/** What packing and verifying hold at most, above a process that has only loaded the program. */
export async function benchMemory(directory: string): Promise<BenchLine[]> {
  const idle = await peak([])
  const lines: BenchLine[] = []
  for (const [name, bytes] of [
    ['10 MB', SMALL_BYTES],
    ['5 GB', LARGE_BYTES],
  ] as const) {
    const source = join(directory, 'content')
    const output = join(directory, 'content.s9pk')
    await sparse(source, bytes)
    for (const work of ['pack', 'verify']) {
      lines.push(
        line('s9pk', {
          figure: `memory to ${work} ${name}, above idle (MB)`,
          value: (await peak([work, source, output])) - idle,
          goal: { atMost: 150 },
          baseline: `most resident memory of a process of its own; ${idle.toFixed(0)} MB when it does nothing`,
        }),
      )
    }
    await rm(source)
    await rm(output)
  }
  return lines
}

export async function pack(source: string, output: string): Promise<void> {
  const tree = treeOf(new Map([['images/main.squashfs', await fileContent(source)]]))
  await writeArchive(tree, output, { signer: { seed: SEED } })
}

/** Most of it a hole, which reads as fast as the page cache does; the beginning is not. */
async function sparse(path: string, bytes: number): Promise<void> {
  {
    await using file = await open(path, 'w')
    await file.write(randomFillSync(Buffer.allocUnsafe(MEGABYTE)))
  }
  await truncate(path, bytes)
}

/** Most memory that `pack-once.ts` held, in MB. */
async function peak(args: readonly string[]): Promise<number> {
  const script = join(import.meta.dirname, 'pack-once.ts')
  const { stdout } = await promisify(execFile)(NODE, [script, ...args])
  return Number(stdout) / MEGABYTE
}
