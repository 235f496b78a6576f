import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { install, pack } from './test/packages.ts'
import { openWorld, remains, startDaemon, statusOf, until, type Daemon, type World } from './test/world.ts'

describe('a service', () => {
  let world: World
  let daemon: Daemon
  /** A port that nobody uses, for the package to prefer. */
  let free: number
  const entry = () => daemon.db.peek().public.packageData['probe']
  const notes = () =>
    readFile(join(world.place.dataDir, 'package-data/volumes/probe/data/main/notes'), 'utf8')
  const port = () => entry()?.hosts['main']?.bindings['8000']?.net.assignedPort
  const page = async (path = '/') => (await fetch(`http://127.0.0.1:${port()}${path}`)).text()
  const running = () =>
    statusOf(daemon.db, 'probe', ({ started, health }) => started !== null && !!health['web'])
  const stopped = () =>
    statusOf(daemon.db, 'probe', ({ started, desired }) => started === null && desired.main === 'stopped')

  beforeAll(async () => {
    world = await openWorld()
    free = await freePort()
    daemon = await startDaemon(world.place)
  }, 180_000)
  afterAll(async () => {
    await daemon.stop()
    await world.dispose()
  }, 60_000)

  it('is installed and initialised, with its port, interface and actions in the database', async () => {
    const file = await pack(world.scratch, { id: 'probe', port: free })
    const seen: string[] = []
    using watcher = daemon.db.watch(['public', 'packageData', 'probe', 'stateInfo'])
    void (async () => {
      for await (const state of watcher)
        if (state && 'installingInfo' in state) seen.push(JSON.stringify(state.installingInfo.progress))
    })()
    expect(await install(daemon.services, file)).toEqual({ id: 'probe' })
    const found = entry()
    expect(found?.stateInfo.state).toBe('installed')
    expect(found?.statusInfo).toEqual({
      health: {},
      error: null,
      started: null,
      desired: { main: 'stopped' },
    })
    expect(found?.icon).toMatch(/^data:image\/svg\+xml;base64,/)
    expect(found?.developerKey).toMatch(/^-----BEGIN PUBLIC KEY/)
    expect(Object.keys(found?.actions ?? {})).toEqual(['greet', 'set-name'])
    expect(found?.hosts['main']?.bindings['8000']).toMatchObject({
      enabled: true,
      net: { assignedPort: free, assignedSslPort: null },
      addresses: {
        available: [
          { ssl: false, hostname: '127.0.0.1', port: free, metadata: { kind: 'ipv4', gateway: 'lo' } },
          { hostname: daemon.driver.hostAddress, metadata: { kind: 'ipv4', gateway: 'lxcbr0' } },
        ],
      },
    })
    expect(await notes()).toBe('init install 1.0.0:0\n')
    expect(seen.length).toBeGreaterThan(0)
    expect(JSON.parse(seen.at(-1) ?? '')).toMatchObject({
      phases: [
        { name: 'Uploading' },
        { name: 'Validating Headers' },
        { name: 'Unpacking' },
        { name: 'Installing' },
      ],
    })
  }, 60_000)

  it('starts when asked to, tells its health and answers on its port', async () => {
    await daemon.services.start('probe', false)
    const { health } = await running()
    expect(health).toEqual({ web: { name: 'Web', result: 'success', message: 'ready' } })
    expect(await page()).toMatch(/^hello from \d+$/)
  })

  it('writes no revision for health that stays the same', async () => {
    const before = daemon.db.sequence
    // Two more polls of the package have been answered when this file appears.
    await page('/polls')
    expect(daemon.db.sequence).toBe(before)
  })

  it('runs an action and lifts a result of the older form', async () => {
    expect(await daemon.services.runAction('probe', 'greet', null, null)).toEqual({
      version: '1',
      title: 'Action Complete',
      message: 'hello',
      result: { type: 'single', value: 'secret', copyable: true, qr: false, masked: false },
    })
  })

  it('takes the form of an action and runs it for the same event', async () => {
    const form = await daemon.services.getActionInput('probe', 'set-name', null)
    expect(form).toMatchObject({ spec: {}, value: { name: null } })
    await daemon.services.runAction('probe', 'set-name', form?.eventId ?? '', { name: 'Ada' })
    expect((await daemon.services.getActionInput('probe', 'set-name', null))?.value).toEqual({ name: 'Ada' })
  })

  it('shows what the package writes', async () => {
    const { entries, endCursor } = await daemon.services.logs('probe', {})
    expect(entries.map(({ message }) => message)).toContain('main of null runs')
    expect(endCursor).not.toBeNull()
    const ends = new AbortController()
    const { entries: following } = await daemon.services.followLogs('probe', { limit: 0 }, ends.signal)
    const next = following[Symbol.asyncIterator]().next()
    await page('/say-hello-to-the-log')
    expect((await next).value).toMatchObject({ message: 'asked for /say-hello-to-the-log' })
    ends.abort()
  })

  it('is known by its address', () => {
    const { hostAddress } = daemon.driver
    const network = hostAddress.slice(0, hostAddress.lastIndexOf('.'))
    const addresses = [`${network}.77`, `::ffff:${network}.77`, hostAddress, '127.0.0.1', '::1']
    expect(addresses.map((address) => daemon.services.isService(address))).toEqual([
      true,
      true,
      false,
      false,
      false,
    ])
  })

  it('tells what memory it uses', async () => {
    const stats = await daemon.services.stats()
    expect(stats['probe']?.memory_usage).toBeGreaterThan(0)
    expect(stats['probe']?.memory_limit).toBeGreaterThan(stats['probe']?.memory_usage ?? 0)
  })

  it('is stopped and not startable while a critical task is open, and the action clears it', async () => {
    await page('/task')
    await stopped()
    await expect(daemon.services.start('probe', false)).rejects.toThrow('unresolved critical task')
    const form = await daemon.services.getActionInput('probe', 'set-name', null)
    await daemon.services.runAction('probe', 'set-name', form?.eventId ?? '', { name: 'Grace' })
    expect(entry()?.tasks['rename']?.active).toBe(false)
    await daemon.services.start('probe', false)
    await running()
  })

  it('wakes the package once when a value changes that it has read', async () => {
    await daemon.db.mutate((model) => {
      model.public.serverInfo.smtp = {
        host: 'a',
        port: 1,
        from: 'b',
        username: 'c',
        password: null,
        security: 'tls',
      }
    })
    expect(await page('/smtp-changes')).toBe('1')
  })

  it('has no effect that reaches out of its own place', async () => {
    expect(JSON.parse(await page('/escapes'))).toEqual([
      expect.stringContaining('leaves the place'),
      expect.stringContaining('not a dependency'),
      expect.stringContaining('Method not found'),
      expect.stringContaining('no volume'),
    ])
  })

  it('restarts its main in the same container', async () => {
    const first = entry()?.statusInfo.started
    const { guid } = await onlyContainer()
    await daemon.services.restart('probe')
    await statusOf(
      daemon.db,
      'probe',
      ({ started, desired }) => started !== null && started !== first && desired.main === 'running',
    )
    expect((await onlyContainer()).guid).toBe(guid)
  })

  it('gets a fresh container when it is rebuilt, and runs on', async () => {
    const { guid } = await onlyContainer()
    await daemon.services.rebuild('probe')
    await running()
    expect((await onlyContainer()).guid).not.toBe(guid)
    expect(await notes()).toContain('uninit 1.0.0:0\ninit null 1.0.0:0\nmain\n')
  }, 60_000)

  it('is brought up again when its container dies', async () => {
    const { guid } = await onlyContainer()
    const container = await daemon.driver.adopt(guid)
    await container?.stop(0)
    await statusOf(daemon.db, 'probe', ({ error }) => error?.details.includes('ended unexpectedly') === true)
    const { error } = await running()
    expect(error).toBeNull()
    expect((await onlyContainer()).guid).not.toBe(guid)
  }, 60_000)

  it('runs on in its container when the daemon ends, and the next one takes it over', async () => {
    const { guid } = await onlyContainer()
    const started = entry()?.statusInfo.started
    const greeting = await page()
    await daemon.stop()
    daemon = await startDaemon(world.place)
    expect(entry()?.statusInfo).toMatchObject({ started, error: null, desired: { main: 'running' } })
    expect((await onlyContainer()).guid).toBe(guid)
    expect(await page()).toBe(greeting)
    expect((await daemon.services.getActionInput('probe', 'set-name', null))?.value).toEqual({
      name: 'Grace',
    })
    await page('/health-now')
    await statusOf(daemon.db, 'probe', ({ health }) => health['web']?.message === 'asked')
  }, 60_000)

  it('stops when asked to and forgets its health', async () => {
    await daemon.services.stop('probe')
    expect((await stopped()).health).toEqual({})
    await expect(page()).rejects.toThrow()
    await expect(daemon.services.runAction('probe', 'greet', null, null)).rejects.toMatchObject({
      kind: 'Action',
    })
  })

  it('leaves nothing behind when it is uninstalled', async () => {
    await daemon.services.uninstall('probe', { soft: false, force: false })
    expect(entry()?.stateInfo.state ?? 'removing').toBe('removing')
    await until(daemon.db, ({ public: { packageData } }) => !packageData['probe'], 'removed')
    await expect.poll(() => remains(world.place, 'probe')).toEqual([])
    expect(Object.keys(daemon.db.peek().private.availablePorts)).not.toContain(String(free))
  }, 60_000)

  async function onlyContainer() {
    const guids = await daemon.driver.list()
    expect(guids).toHaveLength(1)
    return { guid: guids[0] ?? '' }
  }
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
