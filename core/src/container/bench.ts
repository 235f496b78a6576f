import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { BenchLine } from '../../../build/bench.ts'
import { line, median, timed } from '../../../build/bench/measure.ts'
import { proportionalBytes } from '../../../build/bench/memory.ts'
import { buildRootfs } from '../../../build/rootfs/index.ts'
import { buildRuntime } from '../../../container-runtime/build.ts'
import { LxcDriver, type Container } from './index.ts'
import { newGuid } from '@startd/base/base32.ts'

const ROUNDS = 10
const NODE = join(import.meta.dirname, '../../../node_modules/node/bin/node')
const IDLE_CONTAINERS = 4

/** Start, stop and memory of containers with the real runtime in them, and no package. */
export async function bench(): Promise<BenchLine[]> {
  const cache = join(homedir(), '.cache')
  await mkdir(cache, { recursive: true })
  const home = await mkdtemp(join(cache, 'startd-bench-'))
  await using undo = new AsyncDisposableStack()
  undo.defer(() => rm(home, { recursive: true, force: true }))
  const runtime = join(home, 'runtime')
  await buildRuntime(runtime)
  const { squashfs: rootfs, helper } = await buildRootfs({ nodeBinary: NODE, log: () => undefined })
  const driver = new LxcDriver({ dataDir: join(home, 'data'), rootfs, helper, runtime })
  undo.defer(() => driver.purge())
  await driver.open()
  return [...(await benchLife(driver)), ...(await benchMemory(driver))]
}

async function benchLife(driver: LxcDriver): Promise<BenchLine[]> {
  const times = {
    create: [] as number[],
    start: [] as number[],
    stop: [] as number[],
    destroy: [] as number[],
  }
  await lifeOf(await create(driver, 'warm-up'), { start: [], stop: [], destroy: [] })
  for (let round = 0; round < ROUNDS; round++) {
    let container: Container | undefined
    times.create.push(await timed(async () => (container = await create(driver, `round-${round}`))))
    if (container) await lifeOf(container, times)
  }
  const ninth = [...times.start].sort((a, b) => a - b)[ROUNDS - 1] ?? Number.NaN
  const baseline = `median of ${ROUNDS}, nothing else running`
  return [
    line('service', {
      figure: 'making a container, not started (ms)',
      value: median(times.create),
      baseline,
    }),
    line('service', {
      figure: 'lxc-start to first answer of the runtime (ms)',
      value: median(times.start),
      baseline,
      goal: { atMost: 250 },
    }),
    line('service', {
      figure: 'the slowest of these starts (ms)',
      value: ninth,
      baseline,
      goal: { atMost: 500 },
    }),
    line('service', { figure: 'stop (ms)', value: median(times.stop), baseline, goal: { atMost: 300 } }),
    line('service', { figure: 'removing a container (ms)', value: median(times.destroy), baseline }),
  ]
}

async function lifeOf(
  container: Container,
  times: { start: number[]; stop: number[]; destroy: number[] },
): Promise<void> {
  times.start.push(
    await timed(async () => {
      await container.start()
      await answer(await container.waitForSocket('service.sock', 60_000))
    }),
  )
  times.stop.push(await timed(() => container.stop(10_000)))
  times.destroy.push(await timed(() => container.destroy()))
}

async function benchMemory(driver: LxcDriver): Promise<BenchLine[]> {
  const containers = await Promise.all(
    Array.from({ length: IDLE_CONTAINERS }, async (_, i) => {
      const container = await create(driver, `idle-${i}`)
      await container.start()
      await answer(await container.waitForSocket('service.sock', 60_000))
      return container
    }),
  )
  const sums = await Promise.all(containers.map(memoryOf))
  await Promise.all(containers.map((container) => container.destroy()))
  return [
    line('service', {
      figure: 'memory of one idle container, runtime and supervisor (MB)',
      value: median(sums) / 1e6,
      baseline: `proportional set size (PSS), ${IDLE_CONTAINERS} containers running`,
      goal: { atMost: 45 },
    }),
  ]
}

/** Everything that runs because of this container: supervisor, LXC's monitor, init, runtime. */
async function memoryOf(container: Container): Promise<number> {
  const init = Number((await container.enterArgv()).at(-1))
  const monitor = await parentOf(init)
  const pids = [await parentOf(monitor), monitor, init, ...(await childrenOf(init))]
  return (await Promise.all(pids.map(proportionalBytes))).reduce((sum, bytes) => sum + bytes, 0)
}

async function parentOf(pid: number): Promise<number> {
  return Number(/^PPid:\t(\d+)$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1])
}

async function childrenOf(pid: number): Promise<number[]> {
  const threads = await readdir(`/proc/${pid}/task`)
  const lists = await Promise.all(threads.map((id) => readFile(`/proc/${pid}/task/${id}/children`, 'utf8')))
  return lists.flatMap((list) => list.split(' ').filter(Boolean).map(Number))
}

async function create(driver: LxcDriver, packageId: string): Promise<Container> {
  const address = await driver.addressFor(packageId)
  return driver.create({ guid: newGuid(), address, packageId, lang: 'C.UTF-8' })
}

/** A method that no runtime has: it needs no package, and is answered all the same. */
async function answer(path: string): Promise<void> {
  const socket = createConnection(path)
  socket.write('{"id":1,"method":"are-you-there","params":{}}\n')
  await new Promise((resolve, reject) => socket.once('data', resolve).once('error', reject))
  socket.destroy()
}
