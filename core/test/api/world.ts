import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createHash } from 'node:crypto'
import type { RpcErrorObject } from '@startd/base/errors.ts'
import type { LogEntry, ServiceControl } from '../../src/service/index.ts'
import { Daemon, type DaemonOptions } from '../../src/bin/daemon.ts'
import { WebSocket } from 'ws'

export const PASSWORD = 'correct horse battery staple'

/** Who calls from here counts as a service. */
export const SERVICE_ADDRESS = '127.0.0.9'

/** A server with nothing installed: it takes uploads and hashes them, and knows no service. */
export class EmptyServices implements AsyncDisposable {
  /** SHA-256 of each upload that arrived whole. */
  readonly installed: string[] = []
  readonly control: ServiceControl = {
    load: async () => {},
    install: async (stream, { signal, onProgress }) => {
      const hash = createHash('sha256')
      onProgress({ overall: false, phases: [{ name: 'Uploading', progress: false }] })
      let first = true
      for await (const chunk of stream) {
        signal.throwIfAborted()
        if (first && chunk[0] === 0) throw new TypeError('not a package')
        first = false
        hash.update(chunk)
      }
      this.installed.push(hash.digest('hex'))
      onProgress({ overall: true, phases: [{ name: 'Uploading', progress: true }] })
      return { id: 'none' }
    },
    download: () => Promise.reject(new TypeError('downloads nothing')),
    start: async () => {},
    stop: async () => {},
    restart: async () => {},
    rebuild: async () => {},
    refetch: async () => {},
    signer: () => null,
    checkArchive: async () => ({ checkedAt: '', s9pk: '', damage: null }),
    uninstall: async () => {},
    cancelInstall: async () => {},
    getActionInput: async () => null,
    runAction: async () => null,
    clearTask: async () => {},
    logs: async () => ({ entries: [], startCursor: null, endCursor: null }),
    followLogs: async () => ({
      startCursor: null,
      entries: (async function* (): AsyncGenerator<LogEntry> {})(),
    }),
    stats: async () => ({}),
    isService: (address) => address === SERVICE_ADDRESS,
    halt: async () => {},
    close: async () => {},
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

export interface RpcAnswer {
  status: number
  headers: Headers
  body: { jsonrpc?: string; result?: unknown; error?: RpcErrorObject; id?: unknown }
}

/** A real daemon on a free port, with a data directory of its own. */
export class World implements AsyncDisposable {
  readonly daemon: Daemon
  readonly data: string
  readonly services: EmptyServices
  readonly lines: string[]
  cookie = ''

  private constructor(daemon: Daemon, data: string, services: EmptyServices, lines: string[]) {
    this.daemon = daemon
    this.data = data
    this.services = services
    this.lines = lines
  }

  static async create(options: Partial<DaemonOptions> = {}): Promise<World> {
    const data = options.data ?? (await mkdtemp(join(tmpdir(), 'startd-api-')))
    const services = new EmptyServices()
    const lines: string[] = []
    const daemon = await Daemon.start({
      data,
      listen: '127.0.0.1',
      port: 0,
      web: null,
      echo: ({ message }) => lines.push(message),
      sshKeys: null,
      openServices: async () => services,
      takeDown: async () => {},
      ...options,
    })
    return new World(daemon, data, services, lines)
  }

  /** A server that has been set up and runs, with a login. */
  static async running(options: Partial<DaemonOptions> = {}): Promise<World> {
    const world = await World.create(options)
    await world.setUp()
    await world.logIn()
    return world
  }

  async setUp(): Promise<void> {
    const { guid } = (await this.ok('setup.execute', { password: PASSWORD, name: 'Attic Server' })) as {
      guid: string
    }
    await this.frames(guid)
    await this.ok('setup.exit', {})
    await this.daemon.started
  }

  async logIn(): Promise<void> {
    const answer = await this.call('auth.login', { password: PASSWORD })
    this.cookie = (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
  }

  /** Posts any body; `cookie: ''` sends none. */
  async post(body: string, headers: Record<string, string> = {}, path = '/rpc/v1'): Promise<RpcAnswer> {
    const response = await fetch(`${this.daemon.url}${path}`, {
      method: 'POST',
      body,
      headers: {
        ...(this.cookie && headers['cookie'] === undefined ? { cookie: this.cookie } : {}),
        ...headers,
      },
    })
    return {
      status: response.status,
      headers: response.headers,
      body: (await response.json()) as RpcAnswer['body'],
    }
  }

  call(method: string, params: unknown, headers: Record<string, string> = {}): Promise<RpcAnswer> {
    return this.post(JSON.stringify({ id: 1, method, params }), headers)
  }

  /** The result of a call that must succeed. */
  async ok(method: string, params: unknown): Promise<unknown> {
    const { body } = await this.call(method, params)
    if (body.error) throw new Error(`${method}: ${JSON.stringify(body.error)}`)
    return body.result
  }

  async localCookie(): Promise<string> {
    return `local=${await readFile(join(this.data, 'run', 'rpc.authcookie'), 'utf8')}`
  }

  socket(guid: string, headers: Record<string, string> = {}): WebSocket {
    return new WebSocket(`${this.daemon.url.replace('http', 'ws')}/ws/rpc/${guid}`, { headers })
  }

  /** All frames of a stream that ends by itself, and how it ended. */
  async frames(guid: string): Promise<{ frames: unknown[]; code: number; reason: string }> {
    const frames: unknown[] = []
    const { promise, resolve, reject } = Promise.withResolvers<{ code: number; reason: string }>()
    this.socket(guid)
      .on('message', (data: Buffer) => frames.push(JSON.parse(data.toString())))
      .on('close', (code, reason) => resolve({ code, reason: reason.toString() }))
      .on('error', reject)
    return { frames, ...(await promise) }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.daemon.stop()
    await rm(this.data, { recursive: true, force: true })
  }
}
