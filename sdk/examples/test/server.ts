import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { PackageDataEntry } from '@startd/base/model.ts'
import { execa } from 'execa'
import { buildRootfs } from '../../../build/rootfs/index.ts'
import { buildRuntime } from '../../../container-runtime/build.ts'
import { Client } from '../../../core/src/cli/client.ts'
import { readSettings } from '../../../core/src/cli/settings.ts'
import { LxcDriver } from '../../../core/src/container/index.ts'

const ROOT = join(import.meta.dirname, '../../..')
const PASSWORD = 'a password for tests'

/** A server of its own: the real program on a temporary data directory, used as a person would. */
export class TestServer implements AsyncDisposable {
  readonly data: string
  readonly parts: { rootfs: string; helper: string; runtime: string }
  process: ChildProcess | null = null

  private constructor(data: string, parts: TestServer['parts']) {
    this.data = data
    this.parts = parts
  }

  /** Builds what it needs, starts it and sets it up. */
  static async create(): Promise<TestServer> {
    const cache = join(homedir(), '.cache')
    await mkdir(cache, { recursive: true })
    const data = await mkdtemp(join(cache, 'startd-examples-'))
    const runtime = join(data, 'runtime')
    await buildRuntime(runtime)
    const { squashfs, helper } = await buildRootfs({ nodeBinary: process.execPath, log: () => undefined })
    const server = new TestServer(data, { rootfs: squashfs, helper, runtime })
    try {
      await server.start()
      await server.cli(['setup', 'execute', '--name', 'Examples'])
      return server
    } catch (error) {
      await server[Symbol.asyncDispose]()
      throw error
    }
  }

  /** Starts the daemon; fulfils when it answers. */
  async start(): Promise<void> {
    const { rootfs, helper, runtime } = this.parts
    const flags = { data: this.data, port: '0', rootfs, helper, runtime }
    const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value])
    const daemon = spawn(process.execPath, [join(ROOT, 'core/src/bin/startd.ts'), ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    this.process = daemon
    const lines = createInterface({ input: daemon.stdout })
    const ready = /running|first visitor/
    const said: string[] = []
    for await (const line of lines) if (said.push(line) && ready.test(line)) break
    if (!ready.test(said.at(-1) ?? '')) throw new Error(`the daemon did not start: ${said.join('\n')}`)
    daemon.stdout.resume()
  }

  /** Kills the daemon as a power cut would. */
  async kill(): Promise<void> {
    const ended = new Promise((resolve) => this.process?.once('exit', resolve))
    this.process?.kill('SIGKILL')
    await ended
  }

  /** Runs `start-cli`; answers what it prints, as JSON where it is. */
  async cli(args: readonly string[]): Promise<unknown> {
    const { stdout } = await execa(
      process.execPath,
      [join(ROOT, 'core/src/bin/start-cli.ts'), '--data', this.data, '--format', 'json', ...args],
      { env: { PASSWORD }, stdin: 'ignore' },
    )
    return stdout.trim() === '' ? null : (JSON.parse(stdout) as unknown)
  }

  /** What a service has logged. */
  async log(id: string): Promise<string> {
    const client = new Client(await readSettings({ data: this.data }))
    const { entries } = await client.call('package.logs', { id, limit: 1000, before: false })
    return entries.map(({ message }) => message).join('\n')
  }

  /** Fulfils with what `pick` finds in a service's entry of the database, as soon as it finds something. */
  async until<T>(id: string, pick: (entry: PackageDataEntry) => T | null | undefined | false): Promise<T> {
    const client = new Client(await readSettings({ data: this.data }))
    const found = async (): Promise<T | null> => {
      const { value } = await client.call('db.dump', { pointer: `/public/packageData` })
      const entry = (value as Record<string, PackageDataEntry> | null)?.[id]
      return (entry && pick(entry)) || null
    }
    const { guid } = await client.call('db.subscribe', { pointer: '/public/packageData' })
    const changes = client.follow(guid)
    for (
      let next: IteratorResult<unknown> = { done: false, value: null };
      !next.done;
      next = await changes.next()
    ) {
      const value = await found()
      if (value !== null) {
        await changes.return(undefined)
        return value
      }
    }
    throw new Error(`the stream of changes ended while ${id} was waited for`)
  }

  /** Address of a service's port on this machine. */
  async address(id: string, host: string, port: number): Promise<string> {
    const assigned = await this.until(id, ({ hosts }) => hosts[host]?.bindings[port]?.net.assignedPort)
    return `http://127.0.0.1:${assigned}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.process?.exitCode === null && this.process.signalCode === null) await this.kill()
    await new LxcDriver({ dataDir: this.data, ...this.parts }).purge()
    await rm(this.data, { recursive: true, force: true })
  }
}
