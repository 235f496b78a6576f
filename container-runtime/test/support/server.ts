import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { PackageDataEntry } from '@startd/base/model.ts'
import { Client } from '../../../core/src/cli/client.ts'
import { type World, openWorld } from '../../../core/src/service/test/world.ts'

const BIN = join(import.meta.dirname, '../../../core/src/bin')

/** A real startd with a data directory of its own, used through start-cli as a person would. */
export class Server implements AsyncDisposable {
  readonly world: World
  #process: ChildProcess | null = null
  #client: Client | null = null

  private constructor(world: World) {
    this.world = world
  }

  /** Starts one and takes it through its first boot. */
  static async open(): Promise<Server> {
    const server = new Server(await openWorld())
    await server.start()
    await server.cli(['setup', 'execute', '--name', 'Test'])
    await server.until(async () => (await server.cli(['state'])) === 'running\n')
    return server
  }

  async start(): Promise<void> {
    const { dataDir, rootfs, helper, runtime } = this.world.place
    const places = ['--data', dataDir, '--rootfs', rootfs, '--helper', helper, '--runtime', runtime]
    const child = spawn(process.execPath, [join(BIN, 'startd.ts'), '--port', '0', ...places])
    this.#process = child
    let [url, serves] = ['', false]
    for await (const line of createInterface({ input: child.stdout })) {
      if (line.includes('Open ')) url = line.trim().split(/\s+/)[1] ?? ''
      if (line.endsWith('INFO running') || line.includes('first visitor')) serves = true
      if (url !== '' && serves) break
    }
    child.stdout.resume()
    child.stderr.resume()
    const local = (await readFile(join(dataDir, 'run/rpc.authcookie'), 'utf8')).trim()
    this.#client = new Client({ host: url, cookiePath: '/nonexistent', local })
  }

  /** Ends the daemon; services run on. */
  async kill(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    child.kill(signal)
    await once(child, 'exit')
  }

  /** What a command prints; throws what it says when it fails. */
  async cli(args: readonly string[], input = ''): Promise<string> {
    const env = {
      PATH: process.env['PATH'] ?? '',
      HOME: this.world.scratch,
      STARTD_DATA: this.world.place.dataDir,
      PASSWORD: 'correct horse battery staple',
    }
    const child = spawn(process.execPath, [join(BIN, 'start-cli.ts'), ...args], { env })
    let [out, err] = ['', '']
    child.stdout.on('data', (data: Buffer) => (out += data.toString()))
    child.stderr.on('data', (data: Buffer) => (err += data.toString()))
    child.stdin.end(input)
    const [status] = (await once(child, 'close')) as [number | null]
    if (status !== 0) throw new Error(`start-cli ${args.join(' ')}: ${err}`)
    return out
  }

  /** The database entry of a package, or null. */
  async entry(id: string): Promise<PackageDataEntry | null> {
    const answer = await this.#client?.call('db.dump', { pointer: '/public/packageData' })
    return (answer?.value as Record<string, PackageDataEntry> | undefined)?.[id] ?? null
  }

  /** The first entry of a package that fits, as its changes come by. */
  async seen(id: string, fits: (entry: PackageDataEntry) => boolean): Promise<PackageDataEntry> {
    const client = this.#client
    if (!client) throw new Error('the server was not started')
    const { guid } = await client.call('db.subscribe', { pointer: `/public/packageData/${id}` })
    const now = await this.entry(id)
    if (now && fits(now)) return now
    for await (const _revision of client.follow(guid)) {
      const entry = await this.entry(id)
      if (entry && fits(entry)) return entry
    }
    throw new Error('the server has gone')
  }

  /** Asks again until it is so. */
  async until(isSo: () => Promise<boolean>): Promise<void> {
    const end = AbortSignal.timeout(20_000)
    while (!(await isSo())) end.throwIfAborted()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill('SIGTERM')
    await this.world.dispose()
  }
}

/** Memory in MiB that the runtime of a container keeps for itself, shared with nobody. */
export async function runtimeMemory(guid: string): Promise<number> {
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const read = (name: string): Promise<string> => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '')
    if (!(await read('cmdline')).includes('/usr/lib/startos/init/index.js\0')) continue
    if (!(await read('cmdline')).startsWith('/usr/bin/node\0') || !(await read('cgroup')).includes(guid))
      continue
    return Number(/^Anonymous: +(\d+) kB$/m.exec(await read('smaps_rollup'))?.[1]) / 1024
  }
  throw new Error(`no runtime of the container ${guid} runs`)
}
