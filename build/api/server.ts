import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { RpcErrorObject } from '@startd/base/errors.ts'
import { buildRuntime } from '../../container-runtime/build.ts'
import { LxcDriver } from '../../core/src/container/index.ts'
import { buildRootfs } from '../rootfs/index.ts'
import { CACHE, NODE, ROOT } from '../steps/paths.ts'

const DAEMON = join(ROOT, 'core/src/bin/startd.ts')

/** What a call gave. */
export type Answer = { result: unknown } | { error: RpcErrorObject }

/** How far the daemon is when it is looked at. */
type Stage = 'listening' | 'settled'

/** What the daemon is built from. */
interface Parts {
  rootfs: string
  helper: string
  runtime: string
}

/** The real daemon on a temporary data directory, called over HTTP with the secret of this machine. */
export class RecordedServer implements AsyncDisposable {
  readonly data: string
  readonly #parts: Parts
  #daemon: ChildProcess | null = null
  #url = ''

  private constructor(data: string, parts: Parts) {
    this.data = data
    this.#parts = parts
  }

  /** Builds what the daemon needs; it is not started yet. */
  static async create(): Promise<RecordedServer> {
    await mkdir(CACHE, { recursive: true })
    const home = await mkdtemp(join(CACHE, 'api-'))
    const runtime = join(home, 'runtime')
    await buildRuntime(runtime)
    const { squashfs, helper } = await buildRootfs({
      cacheDir: CACHE,
      nodeBinary: NODE,
      log: () => undefined,
    })
    return new RecordedServer(home, { rootfs: squashfs, helper, runtime })
  }

  /** Starts the daemon; `broken` makes its start fail. Fulfils at the given stage. */
  async start({
    until = 'settled',
    broken = false,
  }: { until?: Stage; broken?: boolean } = {}): Promise<void> {
    const flags = {
      data: join(this.data, 'data'),
      port: '0',
      'ssh-keys': join(this.data, 'authorized_keys'),
      ...this.#parts,
    }
    const args = Object.entries(broken ? { ...flags, rootfs: '/nonexistent' } : flags)
    const daemon = spawn(NODE, [DAEMON, ...args.flatMap(([name, value]) => [`--${name}`, value])], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    this.#daemon = daemon
    const settled = /INFO running|first visitor|start has failed/
    const open = /Open {2}(\S+)/
    let said = false
    for await (const line of createInterface({ input: daemon.stdout })) {
      this.#url = open.exec(line)?.[1] ?? this.#url
      said ||= settled.test(line)
      if (this.#url !== '' && (said || until === 'listening')) break
    }
    // Nobody reads on, and a full pipe would stop the daemon.
    daemon.stdout.resume()
  }

  /** Ends the daemon if it has not ended by itself. */
  async stop(): Promise<void> {
    const daemon = this.#daemon
    this.#url = ''
    if (daemon === null || daemon.exitCode !== null || daemon.signalCode !== null) return
    const ended = new Promise((resolve) => daemon.once('exit', resolve))
    daemon.kill('SIGTERM')
    await ended
  }

  async call(method: string, params: unknown): Promise<Answer> {
    const [answer] = await this.batch([[method, params]])
    if (answer === undefined) throw new Error(`${method} was not answered`)
    return answer
  }

  /** The result of a call that must succeed. */
  async ok(method: string, params: unknown): Promise<unknown> {
    const answer = await this.call(method, params)
    if ('error' in answer) throw new Error(`${method}: ${JSON.stringify(answer.error)}`)
    return answer.result
  }

  /** Several calls in one request, answered in order. */
  async batch(calls: readonly (readonly [method: string, params: unknown])[]): Promise<Answer[]> {
    const response = await fetch(`${this.#url}/rpc/v1`, {
      method: 'POST',
      body: JSON.stringify(calls.map(([method, params], id) => ({ id, method, params }))),
      headers: { cookie: `local=${await this.#secret()}` },
    })
    const answers = (await response.json()) as (Answer & { jsonrpc: string; id: unknown })[]
    return answers.map(({ jsonrpc: _, id: _id, ...answer }) => answer as Answer)
  }

  /** Installs a package file and waits until it is there. */
  async install(file: string): Promise<void> {
    const { upload, progress } = (await this.ok('package.sideload', {})) as Record<string, string>
    const body = await readFile(file)
    await fetch(`${this.#url}/rest/rpc/${upload}`, { method: 'POST', body })
    const socket = new WebSocket(`${this.#url.replace('http', 'ws')}/ws/rpc/${progress}`)
    await new Promise((resolve) => socket.addEventListener('close', resolve))
  }

  async #secret(): Promise<string> {
    return (await readFile(join(this.data, 'data/run/rpc.authcookie'), 'utf8')).trim()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
    await new LxcDriver({ dataDir: join(this.data, 'data'), ...this.#parts }).purge()
    await rm(this.data, { recursive: true, force: true })
  }
}
