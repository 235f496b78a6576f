import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type Socket, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Interface, createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { RUNTIME_NODE_ENVIRONMENT, RUNTIME_NODE_FLAGS } from '@startd/base/container-paths.ts'
import { buildRuntime } from '../../build.ts'
import { RecordingHost } from './host.ts'

export interface Answered {
  readonly id?: unknown
  readonly result?: unknown
  readonly error?: { code: number; message: string; data?: { details: string; debug?: string } }
}

/** A connection to service.sock that counts answers in the order in which they come. */
export class Line {
  readonly socket: Socket
  readonly #answers: AsyncIterator<string>

  constructor(socket: Socket, reader: Interface) {
    this.socket = socket
    reader.on('error', () => socket.destroy())
    this.#answers = reader[Symbol.asyncIterator]()
  }

  async next(): Promise<Answered> {
    const { value, done } = await this.#answers.next()
    if (done) throw new Error('the runtime closed the connection')
    return JSON.parse(value) as Answered
  }
}

/** The bundled runtime as a process of its own, with a package, a host, and a directory for their sockets. */
export class RuntimeWorld implements AsyncDisposable {
  readonly dir: string
  readonly host: RecordingHost
  output = ''
  #process: ChildProcess | null = null
  #lines: Line[] = []
  #id = 0
  #wrapper: string[] = []

  private constructor(dir: string) {
    this.dir = dir
    this.host = new RecordingHost(join(dir, 'host.sock'))
  }

  /** `source` is the text of a package's index.js; `wrapper` makes words to put before the program. */
  static async start(
    source: string | null,
    options: { packageDir?: string; host?: boolean; wrapper?: (dir: string) => Promise<string[]> } = {},
  ): Promise<RuntimeWorld> {
    const dir = await mkdtemp(join(tmpdir(), 'startd-runtime-'))
    const world = new RuntimeWorld(dir)
    world.#wrapper = (await options.wrapper?.(dir)) ?? []
    if (source !== null) await writeFile(join(dir, 'index.js'), source)
    if (options.host !== false) await world.host.listen()
    await buildRuntime(join(dir, 'init'))
    await world.spawn(options.packageDir ?? dir)
    return world
  }

  async spawn(packageDir: string): Promise<void> {
    const [program = process.execPath, ...args] = [
      ...this.#wrapper,
      process.execPath,
      ...RUNTIME_NODE_FLAGS,
      join(this.dir, 'init', 'index.js'),
    ]
    const child = spawn(program, args, {
      env: {
        ...process.env,
        ...RUNTIME_NODE_ENVIRONMENT,
        STARTD_RPC_DIR: this.dir,
        STARTD_PACKAGE_DIR: packageDir,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#process = child
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (this.output += chunk))
  }

  get pid(): number {
    return this.#process?.pid ?? 0
  }

  kill(signal: NodeJS.Signals): void {
    this.#process?.kill(signal)
  }

  /** The exit code, once the process has ended. */
  async exited(): Promise<number | null> {
    const child = this.#process
    if (child && child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    return child?.exitCode ?? null
  }

  get running(): boolean {
    return this.#process?.exitCode === null && this.#process.signalCode === null
  }

  /** A new connection to service.sock, as soon as the runtime listens. */
  async connect(): Promise<Line> {
    for (;;) {
      const socket = connect(join(this.dir, 'service.sock'))
      try {
        await once(socket, 'connect')
        const line = new Line(socket, createInterface({ input: socket }))
        this.#lines.push(line)
        return line
      } catch (error) {
        if (!this.running) throw new Error(`the runtime ended: ${this.output}`, { cause: error })
        await delay(5)
      }
    }
  }

  /** One call on a connection of its own. */
  async call(method: string, params: unknown = {}): Promise<Answered> {
    const line = await this.connect()
    line.socket.write(`${JSON.stringify({ id: ++this.#id, method, params })}\n`)
    const answer = await line.next()
    line.socket.destroy()
    return answer
  }

  /** Runs a procedure. */
  execute(procedure: string, input: unknown, id = 'event'): Promise<Answered> {
    return this.call('execute', { id, procedure, input, timeout: null })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const line of this.#lines) line.socket.destroy()
    if (this.running) this.kill('SIGKILL')
    await this.exited()
    await this.host.vanish()
    await rm(this.dir, { recursive: true, force: true })
  }
}
