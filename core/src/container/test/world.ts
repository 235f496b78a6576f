import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { execa } from 'execa'
import { buildRootfs } from '../../../../build/rootfs/index.ts'
import {
  LxcDriver,
  type Container,
  type ContainerOptions,
  type DriverOptions,
  type IdmapMode,
} from '../index.ts'

const RUNTIME = join(import.meta.dirname, 'runtime')
const PROJECT = join(import.meta.dirname, '../../../..')

/** A data directory of its own with a driver on it; everything ends with `dispose`. */
export interface World {
  readonly options: DriverOptions
  readonly driver: LxcDriver
  /** A directory for files of the test, on the same disk. */
  readonly scratch: string
  container(more?: Partial<ContainerOptions>): Promise<Container>
  dispose(): Promise<void>
}

export async function openWorld(idmap: IdmapMode = 'auto'): Promise<World> {
  const cache = join(homedir(), '.cache')
  await mkdir(cache, { recursive: true })
  const home = await mkdtemp(join(cache, 'startd-test-'))
  const nodeBinary = join(PROJECT, 'node_modules/node/bin/node')
  const { squashfs, helper } = await buildRootfs({ nodeBinary, log: () => undefined })
  const scratch = join(home, 'scratch')
  await mkdir(scratch)
  const options: DriverOptions = {
    dataDir: join(home, 'data'),
    rootfs: squashfs,
    helper,
    runtime: RUNTIME,
    idmap,
  }
  const driver = new LxcDriver(options)
  await driver.open()
  let count = 0
  return {
    options,
    driver,
    scratch,
    async container(more = {}) {
      const packageId = more.packageId ?? `package-${++count}`
      const address = await driver.addressFor(packageId)
      return driver.create({ guid: newGuid(), address, packageId, lang: 'C.UTF-8', ...more })
    },
    async dispose() {
      await driver.purge()
      await rm(home, { recursive: true, force: true })
    },
  }
}

export function newGuid(): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  return [...randomBytes(32)].map((byte) => alphabet[byte & 31]).join('')
}

/** Starts a container and waits until its runtime answers. */
export async function started(container: Container): Promise<Container> {
  await container.start()
  await container.waitForSocket('service.sock', 30_000)
  return container
}

/** One request to the test runtime. */
export async function ask(container: Container, method: string, params?: unknown): Promise<unknown> {
  const socket = createConnection(join(container.rpcDir, 'service.sock'))
  socket.write(`${JSON.stringify({ id: 1, method, params })}\n`)
  for await (const line of createInterface({ input: socket })) {
    socket.destroy()
    const answer: unknown = JSON.parse(line)
    return answer !== null && typeof answer === 'object' && 'result' in answer ? answer.result : answer
  }
  throw new Error('the runtime closed the connection')
}

/** stdout of a command inside, which must succeed. */
export async function run(container: Container, ...argv: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await container.exec(argv)
  if (exitCode !== 0) throw new Error(`${argv.join(' ')}: ${exitCode}: ${stderr}`)
  return stdout.trim()
}

/** What an instance can leave on the machine, as text; empty when nothing is left. */
export async function leftovers(id: string): Promise<string[]> {
  const [links, tables, loops, mounts, processes, groups] = await Promise.all([
    execa('ip', ['-o', 'link']),
    execa('nft', ['list', 'tables']),
    execa('losetup', ['-l', '-n', '-O', 'NAME,BACK-FILE']),
    readFile('/proc/self/mountinfo', 'utf8'),
    commandLines(),
    execa('find', ['/sys/fs/cgroup', '-type', 'd', '-name', 'startd-*']),
  ])
  const text = [links.stdout, tables.stdout, loops.stdout, mounts, processes, groups.stdout].join('\n')
  return text.split('\n').filter((line) => line.includes(id))
}

async function commandLines(): Promise<string> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')))
  return lines.map((line) => line.replaceAll('\0', ' ')).join('\n')
}
