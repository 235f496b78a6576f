import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { PublicModel } from '@startd/base/model.ts'
import { connect, PatchDbClient } from '@startd/patch-db/client'
import { NODE_FLAGS } from '../../core/src/bin/node-flags.ts'
import { Client } from '../../core/src/cli/client.ts'
import { LxcDriver } from '../../core/src/container/index.ts'
import { localCookiePath } from '../../core/src/rpc/local-auth.ts'
import type { Artefacts } from '../steps/artefacts.ts'
import { NODE, ROOT } from '../steps/paths.ts'
import { Child } from './child.ts'

const PASSWORD = 'correct horse battery staple'

/** A real startd with a data directory of its own; disposing it takes back all that it did to the machine. */
export class Server implements AsyncDisposable {
  readonly data: string
  readonly #artefacts: Artefacts
  #child: Child | null = null
  #client: Client | null = null

  private constructor(data: string, artefacts: Artefacts) {
    this.data = data
    this.#artefacts = artefacts
  }

  /** A server that is set up and runs. */
  static async create(directory: string, artefacts: Artefacts): Promise<Server> {
    const data = join(directory, 'data')
    await mkdir(data)
    const server = new Server(data, artefacts)
    const client = await server.#open()
    const { guid } = await client.call('setup.execute', { password: PASSWORD, name: 'Bench' })
    for await (const _ of client.follow(guid));
    await client.call('setup.complete', {})
    await client.call('setup.exit', {})
    await server.#running()
    return server
  }

  get client(): Client {
    if (!this.#client) throw new TypeError('the server is stopped')
    return this.#client
  }

  get pid(): number {
    return this.#child?.pid ?? 0
  }

  /** Fulfils when it runs with all its services. */
  async start(): Promise<void> {
    await this.#open()
    await this.#running()
  }

  async stop(): Promise<void> {
    await this.#child?.stop()
    this.#child = this.#client = null
  }

  /** The state as a browser follows it. */
  async live(): Promise<LiveState> {
    const { client } = this
    const copy = new PatchDbClient<PublicModel>()
    const socketUrl = `${client.host.replace('http', 'ws')}/ws/rpc`
    const connected = Promise.withResolvers<void>()
    const connection = connect(
      copy,
      {
        subscribe: async () => {
          const { dump, guid } = await client.call('db.subscribe', { pointer: '/public' })
          return { dump: dump as { id: number; value: PublicModel }, guid }
        },
        open: (guid) => new WebSocket(`${socketUrl}/${guid}`),
      },
      { onState: (state) => state === 'connected' && connected.resolve() },
    )
    await connected.promise
    return { copy, [Symbol.dispose]: () => connection.close() }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
    const { helper, rootfs, runtime } = this.#artefacts
    await new LxcDriver({ dataDir: this.data, helper, rootfs, runtime }).down()
  }

  async #open(): Promise<Client> {
    const { rootfs, helper, runtime, web } = this.#artefacts
    const places = ['--rootfs', rootfs, '--helper', helper, '--runtime', runtime, '--web', web]
    const args = [...NODE_FLAGS, 'core/src/bin/startd.ts', '--data', this.data, '--port', '0', ...places]
    this.#child = new Child(NODE, args, ROOT)
    const [, host = ''] = await this.#child.said(/Open {2}(http\S+)/)
    const local = (await readFile(localCookiePath(this.data), 'utf8')).trim()
    return (this.#client = new Client({ host, local, cookiePath: join(this.data, 'cookies.json') }))
  }

  async #running(): Promise<void> {
    await this.#child?.said(/INFO running$/)
  }
}

export interface LiveState extends Disposable {
  copy: PatchDbClient<PublicModel>
}
