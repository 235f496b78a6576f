import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openDatabase } from '../db/index.ts'
import { install, pack } from './test/packages.ts'
import { openWorld, remains, startDaemon, statusOf, until, type Daemon, type World } from './test/world.ts'

/** Holds a package up in init and uninit until the server has a mail account. */
const WAITING = `
const wait = (effects, at) => new Promise((resolve) => {
  note(at)
  const look = async () => (await effects.getSystemSmtp({ callback: look })) && resolve()
  void look()
})
const usual = { init: exports.init, uninit: exports.uninit }
exports.init = async (o) => { await wait(o.effects, 'init waits'); await usual.init(o) }
`

describe('after kill -9 of the daemon', () => {
  let world: World
  let child: ChildProcess | null = null
  let daemon: Daemon | null = null
  const file = (name: string) => join(world.place.dataDir, 'package-data/volumes/probe/data/main', name)
  const notes = () => readFile(file('notes'), 'utf8').catch(() => '')

  beforeEach(async () => {
    world = await openWorld()
  }, 180_000)
  afterEach(async () => {
    await kill()
    await daemon?.stop()
    daemon = null
    await world.dispose()
  }, 60_000)

  it('a running service runs on untouched and is followed again', async () => {
    await installed('probe')
    await runDaemon()
    const before = await withDatabase(
      ({ public: { packageData } }) => packageData['probe']?.statusInfo.started,
    )
    const first = await boot()
    expect(first.db.peek().public.packageData['probe']?.statusInfo.started).toBe(before)
    expect(await notes()).toBe('init install 1.0.0:0\nmain\n')
    await first.services.restart('probe')
    await statusOf(first.db, 'probe', ({ started }) => started !== null && started !== before)
    expect(await notes()).toBe('init install 1.0.0:0\nmain\nmain\n')
  }, 60_000)

  it('an install whose package was initialising is finished from fresh data', async () => {
    await runDaemon(await pack(world.scratch, { id: 'probe', code: WAITING }), 'init waits\n')
    await withDatabase((model) => {
      model.public.serverInfo.smtp = MAIL
    })
    const next = await boot()
    await until(
      next.db,
      ({ public: { packageData } }) => packageData['probe']?.stateInfo.state === 'installed',
      'finished',
    )
    expect(await notes()).toBe('init waits\ninit install 1.0.0:0\n')
    expect(await next.driver.list()).toHaveLength(1)
  }, 60_000)

  it('an install whose archive is lost is taken back', async () => {
    await runDaemon(await pack(world.scratch, { id: 'probe', code: WAITING }), 'init waits\n')
    await rm(join(world.place.dataDir, 'package-data/archive/installed'), { recursive: true })
    const next = await boot()
    expect(next.db.peek().public.packageData['probe']).toBeUndefined()
    expect(await remains(world.place, 'probe')).toEqual([])
  }, 60_000)

  it('an update that was under way is finished, or the old version runs with its own data', async () => {
    await installed('probe')
    const update = await pack(world.scratch, { id: 'probe', version: '2.0.0:0', code: WAITING })
    await runDaemon(update, 'uninit 1.0.0:0\ninit waits\n')
    await rm(join(world.place.dataDir, 'package-data/archive/installed', await newArchive()))
    const next = await boot()
    const entry = next.db.peek().public.packageData['probe']
    expect(entry?.stateInfo).toMatchObject({ state: 'installed', manifest: { version: '1.0.0:0' } })
    await statusOf(next.db, 'probe', ({ started }) => started !== null)
    expect(await notes()).toBe('init install 1.0.0:0\nmain\ninit null 1.0.0:0\nmain\n')
    await next.stop()
    daemon = null

    await runDaemon(update, 'uninit 1.0.0:0\ninit waits\n')
    await withDatabase((model) => {
      model.public.serverInfo.smtp = MAIL
    })
    const last = await boot()
    await until(
      last.db,
      ({ public: { packageData } }) => packageData['probe']?.stateInfo.state === 'installed',
      'finished',
    )
    expect(last.db.peek().public.packageData['probe']?.stateInfo).toMatchObject({
      manifest: { version: '2.0.0:0' },
    })
    await statusOf(last.db, 'probe', ({ started }) => started !== null)
    expect(await last.driver.list()).toHaveLength(1)
  }, 90_000)

  it('a removal that was under way goes on as it was meant', async () => {
    const code = `exports.uninit = () => new Promise(() => note('uninit waits'))`
    await installed('probe', code)
    await runDaemon('uninstall:probe', 'uninit waits\n')
    await withDatabase((model) => {
      expect(model.public.packageData['probe']?.stateInfo.state).toBe('removing')
    })
    // The package cannot say good-bye without its archive; what is left of it still goes.
    await rm(join(world.place.dataDir, 'package-data/archive/installed'), { recursive: true })
    const next = await boot()
    expect(next.db.peek().public.packageData['probe']).toBeUndefined()
    expect(await remains(world.place, 'probe')).toEqual([])
  }, 60_000)

  /** A daemon that has installed and started the package, and has ended in good order. */
  async function installed(id: string, code = ''): Promise<void> {
    const first = await boot()
    await install(first.services, await pack(world.scratch, { id, code }))
    await first.services.start(id, false)
    await statusOf(first.db, id, ({ started }) => started !== null)
    await first.stop()
    daemon = null
  }

  async function boot(): Promise<Daemon> {
    daemon = await startDaemon(world.place)
    return daemon
  }

  /** Runs a daemon in a process of its own and kills it, once the package has written `mark`. */
  async function runDaemon(command?: string, mark?: string): Promise<void> {
    const args = [JSON.stringify(world.place), ...(command === undefined ? [] : [command])]
    child = fork(join(import.meta.dirname, 'test/child.ts'), args, {
      execArgv: [],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    await once(child, 'message')
    if (mark !== undefined) await expect.poll(notes, { timeout: 30_000 }).toContain(mark)
    await kill()
  }

  async function kill(): Promise<void> {
    if (child?.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }

  async function withDatabase<R>(use: (model: ReturnType<Daemon['db']['peek']>) => R): Promise<R> {
    await using opened = await openDatabase(world.place.dataDir, () => undefined)
    if (!opened.db) throw new Error('no database')
    return (await opened.db.mutate(use)).result
  }

  async function newArchive(): Promise<string> {
    return await withDatabase(({ public: { packageData } }) => {
      const state = packageData['probe']?.stateInfo
      return state?.state === 'updating' ? (state.s9pk.split('/').at(-1) ?? '') : ''
    })
  }
})

const MAIL = { host: 'mail', port: 25, from: 'a@b', username: 'a', password: null, security: 'tls' as const }
