import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Artefacts, buildArtefacts } from '../../build/steps/artefacts.ts'
import { LxcDriver } from '../../core/src/container/index.ts'

const STARTD = join(import.meta.dirname, '../../core/src/bin/startd.ts')

/** A real startd with a data directory of its own, which can be killed and started again. */
export class TestServer implements AsyncDisposable {
  readonly data: string
  readonly #artefacts: Artefacts
  #process: ChildProcess | null = null
  #port = 0
  readonly log: string[] = []

  private constructor(data: string, artefacts: Artefacts) {
    this.data = data
    this.#artefacts = artefacts
  }

  static async create(): Promise<TestServer> {
    const data = await mkdtemp(join(tmpdir(), 'startd-e2e-'))
    const server = new TestServer(data, await buildArtefacts())
    await server.start()
    return server
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  /** Fulfils when the port is open; always the same port. */
  async start(): Promise<void> {
    const { rootfs, helper, runtime, web } = this.#artefacts
    const flags = { data: this.data, port: String(this.#port), rootfs, helper, runtime, web }
    const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value])
    const started = spawn(process.execPath, [STARTD, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    this.#process = started
    await new Promise<void>((resolve, reject) => {
      const read = (text: string) => {
        this.log.push(text)
        const [, port] = /Open {2}http:\/\/127\.0\.0\.1:(\d+)/.exec(this.log.slice(-3).join('')) ?? []
        if (!port) return
        this.#port = Number(port)
        resolve()
      }
      for (const output of [started.stdout, started.stderr]) output.setEncoding('utf8').on('data', read)
      started.once('exit', () => reject(new Error(`startd ended:\n${this.log.join('')}`)))
    })
  }

  /** As when the power goes, for the daemon alone. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  /** Takes down what it started, and checks nothing: that is for the tests to do. */
  async down(): Promise<void> {
    await this.#end('SIGTERM')
    const { helper } = this.#artefacts
    const log = (line: string) => void this.log.push(`${line}\n`)
    await new LxcDriver({ dataDir: this.data, helper, rootfs: '', runtime: '', log }).purge()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.down()
    await rm(this.data, { recursive: true, force: true })
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const running = this.#process
    this.#process = null
    if (!running || running.exitCode !== null || running.signalCode !== null) return
    const ended = once(running, 'exit')
    running.kill(signal)
    await ended
  }
}
