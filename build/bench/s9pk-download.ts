import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { openS9pkUrl } from '@startd/base/s9pk/index.ts'
import { downloadS9pk, nativeHash } from '../../core/src/s9pk/index.ts'
import type { BenchLine } from '../bench.ts'
import { NODE } from '../steps/paths.ts'
import { FileServer } from './file-server.ts'
import { line } from './measure.ts'
import { widePackage } from './wide-package.ts'
import { openWorkspace } from './workspace.ts'

const SMALL = 10_000_000
const LARGE = 5_000_000_000

/** Reading, checking and downloading packages of 10 MB to 5 GB, over HTTP and from the disk. */
export async function bench(): Promise<BenchLine[]> {
  await using workspace = await openWorkspace()
  const { path } = workspace
  return [...(await benchRemote(path)), ...(await benchMemory(path))]
}

/** What is fetched of a package of 1 GB with images for three architectures. */
async function benchRemote(directory: string): Promise<BenchLine[]> {
  const file = await widePackage(join(directory, 'gigabyte.s9pk'), 333_000_000)
  await using server = await FileServer.serve(file)
  await openS9pkUrl(server.url, { hash: nativeHash })
  const [sent, requests] = [server.sent, server.requests]
  server.sent = 0
  const { size } = await downloadS9pk([server.url], join(directory, 'store'), { arch: 'x86_64' })
  const fetched = server.sent
  await rm(join(directory, 'store'), { recursive: true })
  await rm(file)
  return [
    line('s9pk', {
      figure: 'manifest of a 1 GB package over HTTP (kB read)',
      value: sent / 1000,
      goal: { atMost: 64 },
      baseline: `signature and all tables verified, in ${requests} requests`,
    }),
    line('s9pk', {
      figure: 'share fetched for one of three architectures',
      value: fetched / (3 * 333_000_000 + 5_000_000),
      goal: { atMost: 0.4 },
      baseline: `the whole package; ${(fetched / 1e6).toFixed(0)} MB of it fetched, ${(size / 1e6).toFixed(0)} MB stored`,
    }),
  ]
}

/** Peak of memory above what the process had before it began, small package against large one. */
async function benchMemory(directory: string): Promise<BenchLine[]> {
  const peaks: Record<string, number[]> = { verify: [], receive: [], download: [] }
  let pause = 0
  for (const bytes of [SMALL, LARGE]) {
    const file = await widePackage(join(directory, 'sized.s9pk'), Math.floor((bytes - 5_000_000) / 3))
    peaks['verify']!.push((await inProcess('verify', file)).above)
    const store = join(directory, 'store')
    await mkdir(store)
    peaks['receive']!.push((await inProcess('receive', file, store)).above)
    await rm(store, { recursive: true })
    await mkdir(store)
    await using server = await FileServer.serve(file)
    const { above, p99 } = await inProcess('download', server.url, store)
    peaks['download']!.push(above)
    pause = p99
    await rm(store, { recursive: true })
    await rm(file)
  }
  const lines = Object.entries(peaks).map(([work, [small = 0, large = 0]]) =>
    line('s9pk', {
      figure: `memory to ${work} 5 GB, above idle (MB)`,
      value: large / 1e6,
      goal: { atMost: 150 },
      baseline: `10 MB takes ${(small / 1e6).toFixed(0)} MB`,
    }),
  )
  const delay = line('s9pk', {
    figure: 'delay of other work during a download of 5 GB, p99 (ms)',
    value: pause,
    goal: { atMost: 20 },
    baseline: 'delay of the event loop of the process that downloads',
  })
  return [...lines, delay]
}

interface Cost {
  ms: number
  p99: number
  above: number
}

async function inProcess(...args: string[]): Promise<Cost> {
  const { stdout } = await execa(NODE, [join(import.meta.dirname, 's9pk-worker.ts'), ...args])
  return JSON.parse(stdout) as Cost
}
