import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CodedError } from '@startd/base/errors.ts'
import { CONTRACT, type MethodName } from '@startd/base/rpc/contract.ts'
import type { BootContext } from '@startd/base/rpc/method.ts'
import type { DaemonOptions, OpenedServices } from '../../src/bin/daemon.ts'
import type { ServerDb } from '../../src/db/index.ts'
import { EmptyServices, PASSWORD, World } from '../api/world.ts'
import { type CallerName, faultOf, type Outcome } from './judge.ts'

/** How long an answer may take, in ms: longer than the patience of any lookup. */
const PATIENCE = 20_000

/** Private values that nobody may be shown. */
const PRIVATE = ['root-key', 'ssh-key', 'share-password', 'store'].map((name) => `Never-Shown-${name}-4f9d`)

/** A real daemon in one of its contexts, with something to hide, and everybody who may call it. */
export class FuzzWorld implements AsyncDisposable {
  readonly #world: World
  readonly #context: BootContext
  readonly #undo: AsyncDisposableStack
  #session = ''
  #local = ''

  private constructor(world: World, context: BootContext, undo: AsyncDisposableStack) {
    this.#world = world
    this.#context = context
    this.#undo = undo
  }

  static async open(context: BootContext): Promise<FuzzWorld> {
    await using undo = new AsyncDisposableStack()
    const data = await mkdtemp(join(tmpdir(), 'startd-fuzz-'))
    undo.defer(() => rm(data, { recursive: true, force: true }))
    const sshKeys = join(data, 'authorized_keys')
    const first = await World.create({ data, sshKeys, openServices: hideAndOpen })
    undo.defer(() => first.daemon.stop())
    if (context !== 'setup') await first.setUp()
    if (context === 'setup' || context === 'running') return FuzzWorld.#of(first, context, undo)
    await first.daemon.stop()
    const open = Promise.withResolvers<OpenedServices>()
    const openServices = async () => {
      if (context === 'diagnostic') throw new CodedError('Lxc', 'LXC is not installed')
      return open.promise
    }
    const second = await World.create({ data, sshKeys, openServices })
    undo.defer(() => {
      open.resolve(new EmptyServices())
      return second.daemon.stop()
    })
    if (context === 'diagnostic') await second.daemon.started
    return FuzzWorld.#of(second, context, undo)
  }

  /** One that runs with services of its own. */
  static async real({
    openServices,
    ...options
  }: Pick<DaemonOptions, 'data' | 'openServices' | 'takeDown'>): Promise<FuzzWorld> {
    await using undo = new AsyncDisposableStack()
    const world = await World.create({
      ...options,
      openServices: async (db, log) => {
        await hide(db)
        return openServices(db, log)
      },
    })
    undo.defer(() => world.daemon.stop())
    await world.setUp()
    return FuzzWorld.#of(world, 'running', undo)
  }

  static async #of(world: World, context: BootContext, undo: AsyncDisposableStack): Promise<FuzzWorld> {
    const made = new FuzzWorld(world, context, undo.move())
    made.#local = await world.localCookie()
    await made.logIn()
    return made
  }

  /** Methods that this context serves; the one that leaves it comes last. */
  get methods(): MethodName[] {
    const served = (Object.keys(CONTRACT) as MethodName[]).filter((name) =>
      (CONTRACT[name].contexts as readonly BootContext[]).includes(this.#context),
    )
    return served.filter((name) => name !== 'setup.exit')
  }

  /** A fresh login, whatever was done to the old one and to the password. */
  async logIn(): Promise<void> {
    if (this.#context !== 'running') return
    const local = { cookie: this.#local }
    const logIn = () => this.#world.call('auth.login', { password: PASSWORD }, local)
    let { body } = await logIn()
    if (body.error) {
      await this.#world.call('auth.reset-password', { newPassword: PASSWORD }, local)
      body = (await logIn()).body
    }
    this.#session = `session=${(body.result as { session: string }).session}`
  }

  /** Installs a package file and waits until it is set up. */
  async install(file: Uint8Array<ArrayBuffer>): Promise<void> {
    const local = { cookie: this.#local }
    const { body } = await this.#world.call('package.sideload', {}, local)
    const { upload, progress } = body.result as { upload: string; progress: string }
    const followed = this.#world.frames(progress)
    await fetch(`${this.#world.daemon.url}/rest/rpc/${upload}`, { method: 'POST', body: file })
    const { code, reason } = await followed
    if (code !== 1000) throw new Error(reason)
  }

  /** Ends every login with all that runs in its name, and begins a new one. */
  async endLogins(): Promise<void> {
    const local = { cookie: this.#local }
    await this.#world.call('auth.session.kill', { ids: await this.#logins() }, local)
    await this.logIn()
  }

  async countLogins(): Promise<number> {
    return (await this.#logins()).length
  }

  async #logins(): Promise<string[]> {
    const { body } = await this.#world.call('auth.session.list', {}, { cookie: this.#local })
    return Object.keys((body.result as { sessions: object }).sessions)
  }

  /** What is wrong with the answer to a call; null where nothing is. */
  async try(method: MethodName, caller: CallerName, params: string): Promise<string | null> {
    const outcome = { method, caller, params, guarded: this.#context === 'running' }
    try {
      const response = await fetch(`${this.#world.daemon.url}/rpc/v1`, {
        method: 'POST',
        body: `{"id":1,"method":${JSON.stringify(method)},"params":${params}}`,
        headers: this.#headers(caller),
        signal: AbortSignal.timeout(PATIENCE),
      })
      const { status, headers } = response
      return this.#judge({
        ...outcome,
        status,
        sequence: headers.get('x-patch-sequence'),
        text: await response.text(),
      })
    } catch (error) {
      return `no answer: ${String(error)}`
    }
  }

  /** Lines of the log that tell of errors nobody foresaw, or what must not be told. */
  get badLines(): string[] {
    return this.#world.lines.filter(
      (line) =>
        line.includes('a call failed') || [PASSWORD, ...PRIVATE].some((secret) => line.includes(secret)),
    )
  }

  #headers(caller: CallerName): Record<string, string> {
    switch (caller) {
      case 'anonymous':
        return {}
      case 'session':
        return { cookie: this.#session }
      case 'local':
        return { cookie: this.#local }
      case 'foreign':
        return { cookie: this.#session, origin: 'http://evil.example' }
    }
  }

  #judge(outcome: Outcome): string | null {
    const secrets = [...PRIVATE, this.#local.split('=')[1] ?? '', this.#session.split('=')[1] ?? '']
    const own = outcome.method === 'auth.login' ? PRIVATE : secrets.filter((secret) => secret !== '')
    return faultOf(outcome, own, this.#world.data)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#undo.disposeAsync()
  }
}

async function hideAndOpen(db: ServerDb): Promise<OpenedServices> {
  await hide(db)
  const services = new EmptyServices()
  const unreachable = () => Promise.reject(new CodedError('Network', 'There is nothing to download'))
  return { control: { ...services.control, download: unreachable }, [Symbol.asyncDispose]: async () => {} }
}

async function hide(db: ServerDb): Promise<void> {
  const [rootKey = '', sshKey = '', sharePassword = '', stored = ''] = PRIVATE
  await db.mutate(({ private: hidden }) => {
    hidden.keyStore.localCerts.rootKey = rootKey
    hidden.sshPrivkey = sshKey
    hidden.cifs['1'] = { hostname: 'nas', path: '/', username: 'me', password: sharePassword }
    hidden.packageStores['probe'] = { secret: stored }
  })
}
