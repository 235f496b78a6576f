import { mkdir, rm, watch } from 'node:fs/promises'
import { join } from 'node:path'
import type { FullProgress } from '@startd/base/progress.ts'
import { execa } from 'execa'
import { filter, firstValueFrom } from 'rxjs'
import { servicePaths } from '../../core/src/service/paths.ts'
import type { BenchLine } from '../bench.ts'
import { PACKAGE_ID } from './big-package.ts'
import { least, line, median, timed } from './measure.ts'
import type { Server } from './server.ts'

const ROUNDS = 5

interface Times {
  /** Until the verified package lies on the disk under its final name. */
  stored: number
  /** Until its container runs and the package has set itself up. */
  installed: number
}

/**
 * Installing a package of 500 MB over HTTP, beside copying and hashing the same file. It is in the page cache for
 * both, and the best of several rounds counts for both.
 */
export async function benchSideload(server: Server, file: string): Promise<BenchLine[]> {
  const ours: Times[] = []
  const plain: number[] = []
  const synced: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    plain.push(await timed(() => copyAndHash(server.data, file, [])))
    ours.push(await sideload(server, file))
    await uninstall(server)
    synced.push(await timed(() => copyAndHash(server.data, file, ['--sync'])))
  }
  const stored = least(ours.map((times) => times.stored))
  return [
    line('skeleton', {
      figure: 'sideload of 500 MB until verified and on the disk',
      value: stored / least(plain),
      goal: { atMost: 1.5 },
      baseline: `cp + b3sum, which leaves the disk out: ${least(plain).toFixed(0)} ms; ours ${stored.toFixed(0)} ms`,
    }),
    line('skeleton', {
      figure: 'the same, beside a copy that is on the disk as well',
      value: stored / least(synced),
      baseline: `cp + sync of the copy + b3sum: ${least(synced).toFixed(0)} ms`,
    }),
    line('skeleton', {
      figure: 'from there until the service is set up (ms)',
      value: median(ours.map((times) => times.installed - times.stored)),
      baseline: 'container, mounts and the init of the package',
    }),
  ]
}

async function copyAndHash(directory: string, file: string, options: '--sync'[] | []): Promise<void> {
  const copy = join(directory, 'copy')
  await execa('cp', ['--reflink=never', file, copy])
  if (options.length > 0) await execa('sync', [copy])
  await execa('b3sum', [copy])
  await rm(copy)
}

async function sideload({ client, data }: Server, file: string): Promise<Times> {
  const { installed: directory } = servicePaths(data)
  await mkdir(directory, { recursive: true })
  const appeared = appears(directory)
  const start = performance.now()
  const since = () => performance.now() - start
  const { upload, progress } = await client.call('package.sideload', {})
  const [stored, installed] = await Promise.all([
    appeared.then(since),
    ended(client.follow<FullProgress>(progress)).then(since),
    client.upload(upload, file),
  ])
  return { stored, installed }
}

async function appears(directory: string): Promise<void> {
  for await (const { filename } of watch(directory)) if (filename?.endsWith('.s9pk')) return
}

async function ended(values: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of values);
}

async function uninstall(server: Server): Promise<void> {
  using live = await server.live()
  await server.client.call('package.uninstall', { id: PACKAGE_ID })
  await firstValueFrom(
    live.copy.watch$('packageData').pipe(filter((packages) => !Object.hasOwn(packages, PACKAGE_ID))),
  )
}
