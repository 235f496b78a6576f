import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EFFECTS } from '@startd/base/effects.ts'
import { install, pack } from './test/packages.ts'
import { openWorld, startDaemon, statusOf, until, type Daemon, type World } from './test/world.ts'

/** Lets the test call any effect from inside the service, and look at what came back. */
const REMOTE = `
const { execFile } = require('node:child_process')
const fired = []
const answer = async (effects, { effect, params, run }) => {
  if (run) return await new Promise((resolve) => execFile(run[0], run.slice(1), { timeout: 20000 },
    (error, stdout, stderr) => resolve({ code: error ? error.code ?? String(error) : 0, stdout, stderr })))
  if (effect === 'fired') return fired
  const target = effect.split('.').reduce((at, name) => at[name], effects)
  const callback = params.watch && ((...args) => fired.push([params.watch, ...args]))
  return await target(callback ? { ...params, callback } : params)
}
const usualMain = exports.main
exports.main = async (options) => {
  const usual = await usualMain(options)
  let server
  return { build: async () => {
    const daemons = await usual.build()
    server = http.createServer(async (request, response) => {
      let text = ''
      for await (const piece of request) text += piece
      const result = await answer(options.effects, JSON.parse(text)).then((result) => ({ result }), (error) => ({ error: error.message }))
      response.end(JSON.stringify(result))
    }).listen(8001)
    return { term: async () => { server.closeAllConnections(); server.close(); await daemons.term() } }
  } }
}
const usualInit = exports.init
exports.init = async (options) => {
  await usualInit(options)
  await options.effects.bind({ id: 'remote', internalPort: 8001, preferredExternalPort: 28766, addSsl: null, secure: null })
}
`

describe('effects of a running service', () => {
  let world: World
  let daemon: Daemon
  const entry = (id: string) => daemon.db.peek().public.packageData[id]
  const volume = (id: string, name: string) =>
    join(world.place.dataDir, `package-data/volumes/${id}/data/main/${name}`)

  async function remote(id: string, body: unknown): Promise<unknown> {
    const port = entry(id)?.hosts['remote']?.bindings['8001']?.net.assignedPort
    const answer = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: JSON.stringify(body) })
    const { result, error } = (await answer.json()) as { result?: unknown; error?: string }
    if (error !== undefined) throw new Error(error)
    return result
  }
  const call = (effect: string, params: Record<string, unknown> = {}, id = 'app') =>
    remote(id, { effect, params })
  const run = (...argv: string[]) => remote('app', { run: argv })
  const fired = async () => ((await call('fired')) as [string][]).map(([name]) => name)

  beforeAll(async () => {
    world = await openWorld()
    daemon = await startDaemon(world.place)
    const manifest = { dependencies: { store: { description: 'Data', optional: false } } }
    for (const [id, more] of [
      ['store', {}],
      ['app', manifest],
    ] as const) {
      await install(daemon.services, await pack(world.scratch, { id, manifest: more, code: REMOTE }))
      await daemon.services.start(id, false)
      await statusOf(daemon.db, id, ({ started, health }) => started !== null && !!health['web'])
    }
  }, 180_000)
  afterAll(async () => {
    await daemon.stop()
    await world.dispose()
  }, 60_000)

  it('run a program in a subcontainer of an image, each with its own files', async () => {
    const [path, guid] = (await call('subcontainer.createFs', { imageId: 'main', name: null })) as [
      string,
      string,
    ]
    expect(path).toMatch(/^\/media\/startos\/subcontainers\//)
    void run('start-container', 'subcontainer', 'launch', path)
    const shell = (command: string) =>
      run('start-container', 'subcontainer', 'exec', path, '/bin/busybox', 'sh', '-c', command)
    await expect.poll(() => run('stat', `${path}/proc/1`)).toMatchObject({ code: 0 })
    expect(await shell('echo mine > /tmp/file; hostname; cat /etc/hostname')).toMatchObject({ code: 0 })
    const [second, other] = (await call('subcontainer.createFs', { imageId: 'main', name: 'two' })) as [
      string,
      string,
    ]
    expect(await run('stat', `${second}/tmp/file`)).toMatchObject({ code: 1 })
    for (const one of [guid, guid, other]) await call('subcontainer.destroyFs', { guid: one })
    expect(await run('ls', '/media/startos/subcontainers')).toMatchObject({ stdout: '' })
    await expect(call('subcontainer.createFs', { imageId: 'none', name: null })).rejects.toThrow(
      'image none not found in s9pk',
    )
  }, 60_000)

  it('mount the data of a dependency, read-only when asked to', async () => {
    await writeFile(volume('store', 'shared'), 'from the store')
    const target = { packageId: 'store', volumeId: 'main', subpath: '/', readonly: true, idmap: [] }
    expect(await call('mount', { location: '/mnt/store', target })).toBeNull()
    expect(await run('cat', '/mnt/store/shared')).toMatchObject({ stdout: 'from the store' })
    expect(await run('touch', '/mnt/store/new')).toMatchObject({ code: 1 })
    await call('mount', {
      location: '/mnt/store',
      target: { ...target, readonly: false, subpath: 'deep/er' },
    })
    expect(await run('touch', '/mnt/store/new')).toMatchObject({ code: 0 })
    await expect(
      call('mount', { location: '/mnt/x', target: { ...target, subpath: 'nothing' } }),
    ).rejects.toThrow()
    await run('ln', '-s', '/', '/media/startos/volumes/main/root')
    const own = { ...target, packageId: 'app', subpath: 'root/etc' }
    await expect(call('mount', { location: '/mnt/x', target: own })).rejects.toThrow()
  })

  it('mount nothing of a service that the manifest does not name, whatever the service says later', async () => {
    const dependencies = [{ kind: 'exists', id: 'app', versionRange: '*' }]
    await call('setDependencies', { dependencies }, 'store')
    const target = { packageId: 'app', volumeId: 'main', subpath: '/', readonly: false, idmap: [] }
    await expect(call('mount', { location: '/mnt/app', target }, 'store')).rejects.toThrow('not a dependency')
  })

  it('tell of other services, and wake once when these change', async () => {
    const status = await call('getStatus', { packageId: 'store', watch: 'status' })
    expect(status).toMatchObject({ desired: { main: 'running' } })
    expect(await call('getStatus', { packageId: 'nobody', watch: 'nobody' })).toBeNull()
    expect(await call('getInstalledPackages')).toEqual(['app', 'store'])
    expect(await call('getServiceManifest', { packageId: 'store' })).toMatchObject({ id: 'store' })
    await expect(call('getServiceManifest', { packageId: 'nobody' })).rejects.toThrow('not installed')
    await call('getContainerIp', { packageId: 'store', watch: 'address' })
    await daemon.services.rebuild('store')
    await statusOf(daemon.db, 'store', ({ started }) => started !== null)
    await expect.poll(fired).toEqual(expect.arrayContaining(['status', 'address']))
    expect((await fired()).filter((name) => name === 'status')).toHaveLength(1)
    expect(await fired()).not.toContain('nobody')
  }, 60_000)

  it('tell how dependencies are', async () => {
    await call('setDependencies', {
      dependencies: [{ kind: 'running', id: 'store', healthChecks: ['web'], versionRange: '>=1:0' }],
    })
    expect(await call('getDependencies')).toEqual([
      { kind: 'running', id: 'store', healthChecks: ['web'], versionRange: '>=1:0' },
    ])
    expect(entry('app')?.currentDependencies['store']).toMatchObject({
      title: null,
      icon: null,
      kind: 'running',
    })
    expect(await call('checkDependencies', { packageIds: ['store', 'stranger'] })).toMatchObject([
      { packageId: 'store', title: 'Probe', installedVersion: '1.0.0:0', isRunning: true, satisfies: [] },
    ])
  })

  it('reach other services by container address and by the host’s bridge address', async () => {
    const address = (await call('getContainerIp', { packageId: 'store' })) as string
    const host = (await call('getOsIp')) as string
    const { assignedPort } = (await call('getServicePortForward', {
      packageId: 'store',
      hostId: 'main',
      internalPort: 8000,
    })) as { assignedPort: number }
    for (const url of [`http://${address}:8000/`, `http://${host}:${assignedPort}/`]) {
      const script = `fetch('${url}').then(async (answer) => console.log(await answer.text()))`
      expect(await run('node', '-e', script)).toMatchObject({
        stdout: expect.stringContaining('hello') as string,
      })
    }
  })

  it('run actions of others only as far as these allow', async () => {
    const metadata = (access: string | null) => ({
      name: 'Act',
      description: '',
      warning: null,
      visibility: 'enabled',
      allowedStatuses: 'any',
      hasInput: true,
      group: null,
      access,
    })
    const offer = (access: string | null) =>
      call('action.export', { id: 'set-name', metadata: metadata(access) }, 'store')
    const act = () =>
      call('action.run', { packageId: 'store', actionId: 'set-name', input: { name: 'set by app' } })
    await expect(act()).rejects.toThrow('cannot be invoked directly')
    await offer('dependent')
    await act()
    await call('setDependencies', { dependencies: [] })
    await expect(act()).rejects.toThrow('only be invoked by services that depend')
    await offer('public')
    await act()
    expect(await call('action.getInput', { packageId: 'store', actionId: 'set-name' })).toMatchObject({
      value: { name: 'set by app' },
    })
    await expect(call('action.run', { packageId: 'store', actionId: 'nothing' })).rejects.toThrow('no action')
  })

  it('make tasks for other services, which fulfil and open them', async () => {
    const task = {
      replayId: 'named',
      packageId: 'store',
      actionId: 'set-name',
      severity: 'important',
      when: { condition: 'input-not-matches', once: false },
      input: { kind: 'partial', value: { name: 'right' } },
    }
    await call('action.createTask', task)
    expect(entry('app')?.tasks['named']).toMatchObject({
      active: true,
      task: { input: { accept: [{ name: 'right' }] } },
    })
    await daemon.services.runAction('store', 'set-name', null, { name: 'right' })
    expect(entry('app')?.tasks['named']?.active).toBe(false)
    await daemon.services.runAction('store', 'set-name', null, { name: 'wrong' })
    expect(entry('app')?.tasks['named']?.active).toBe(true)
    await call('action.createTask', { ...task, replayId: 'later', packageId: 'nobody' })
    expect(entry('app')?.tasks['later']?.active).toBe(true)
    await expect(call('action.createTask', { ...task, input: null })).rejects.toThrow('requires input')
    await call('action.clearTasks', { except: ['later'] })
    expect(Object.keys(entry('app')?.tasks ?? {})).toEqual(['later'])
    await call('action.clearTasks', { only: ['later'] })
    expect(entry('app')?.tasks).toEqual({})
  })

  it('keep health to its rules', async () => {
    await call('setHealth', { id: 'sync', name: 'Sync', result: 'loading', message: '10 %' })
    expect(entry('app')?.statusInfo.health['sync']).toEqual({
      name: 'Sync',
      result: 'loading',
      message: '10 %',
    })
    await call('setHealth', { id: 'sync', name: 'Sync', result: 'success' })
    expect(entry('app')?.statusInfo.health['sync']).toEqual({
      name: 'Sync',
      result: 'success',
      message: null,
    })
    await expect(
      call('setHealth', { id: 'sync', name: 'Sync', result: 'failure', message: null }),
    ).rejects.toThrow('Invalid params')
    expect(await call('setInitProgress', { progress: true })).toBeNull()
    expect(await call('setBackupProgress', { progress: null })).toBeNull()
  })

  it('leave notifications in the name of their service', async () => {
    const unread = daemon.db.peek().public.serverInfo.unreadNotificationCount
    await call('notification.create', { level: 'info', title: 'Done', message: 'All fine', data: '# More' })
    const last = Object.values(daemon.db.peek().private.notifications).at(-1)
    expect(last).toMatchObject({ packageId: 'app', title: 'Done', code: 2, data: '# More', seen: false })
    expect(daemon.db.peek().public.serverInfo.unreadNotificationCount).toBe(unread + 1)
  })

  it('list interfaces, and wake when one appears', async () => {
    expect(await call('listServiceInterfaces', {})).toMatchObject({ ui: { name: 'Page' } })
    expect(await call('getServiceInterface', { serviceInterfaceId: 'api', watch: 'interface' })).toBeNull()
    const ui = (await call('getServiceInterface', { serviceInterfaceId: 'ui' })) as Record<string, unknown>
    await call('exportServiceInterface', { ...ui, id: 'api', type: 'api' })
    await expect.poll(fired).toContain('interface')
    expect(await call('getHostInfo', { hostId: 'main' })).toMatchObject({
      bindings: { '8000': { enabled: true } },
    })
    expect(await call('getHostInfo', { hostId: 'none' })).toBeNull()
    await call('clearServiceInterfaces', { except: ['ui'] })
    expect(Object.keys((await call('listServiceInterfaces', {})) as object)).toEqual(['ui'])
  })

  it('say plainly what this server does not offer yet', async () => {
    const range = { id: 'main', internalStartPort: 4000, externalStartPort: 4000, numberOfPorts: 10 }
    await expect(call('bindRange', range)).rejects.toThrow('yet')
    await expect(call('getSslKey', { hostnames: ['a'] })).rejects.toThrow('yet')
  })

  it('answer every method of the contract', async () => {
    const unknown = []
    for (const method of Object.keys(EFFECTS)) {
      // These do what they are for even without parameters.
      if (['restart', 'shutdown', 'rebuild', 'clear-bindings'].includes(method)) continue
      const name = method.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase())
      const message = await call(name, { nonsense: 1 }).then(() => '', String)
      if (message.includes('Method not found') || message.includes('is not a function')) unknown.push(method)
    }
    expect(unknown).toEqual([])
  })

  it('stop and restart their own service', async () => {
    const before = entry('app')?.statusInfo.started
    // The service ends the connection over which it was asked.
    await call('restart').catch(() => undefined)
    await statusOf(daemon.db, 'app', ({ started }) => started !== null && started !== before)
    await call('shutdown').catch(() => undefined)
    await statusOf(daemon.db, 'app', ({ started, desired }) => started === null && desired.main === 'stopped')
    await daemon.services.uninstall('app', { soft: false, force: false })
    await until(daemon.db, ({ public: { packageData } }) => !packageData['app'], 'removed')
  }, 60_000)
})
