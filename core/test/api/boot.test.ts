import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CodedError } from '@startd/base/errors.ts'
import { CONTRACT } from '@startd/base/rpc/contract.ts'
import type { MethodDefinition } from '@startd/base/rpc/method.ts'
import type { Database } from '@startd/base/model.ts'
import { PatchDb } from '@startd/patch-db'
import { describe, expect, it } from 'vitest'
import { databasePath } from '../../src/db/index.ts'
import { EmptyServices, PASSWORD, World } from './world.ts'

describe('the first boot', () => {
  it('asks for name and password, then runs', async () => {
    await using world = await World.create()
    expect(await world.ok('setup.status', {})).toEqual({
      status: 'incomplete',
      guid: null,
      attach: false,
      mokEnrolled: false,
      osDrive: null,
    })
    expect((await world.call('state', {})).body.error?.code).toBe(-32601)
    const started = (await world.ok('setup.execute', {
      password: PASSWORD,
      name: 'Ättic  Server!',
      guid: 'x',
    })) as { guid: string }
    const told = await world.frames(started.guid)
    expect(told.frames.at(-1)).toMatchObject({ overall: true })
    expect(await world.ok('setup.status', {})).toMatchObject({
      status: 'complete',
      hostname: 'attic-server',
      needsRestart: false,
    })
    expect((await world.call('setup.execute', { password: PASSWORD })).body.error?.code).toBe(38)
    expect(await world.ok('setup.complete', {})).toMatchObject({ hostname: 'attic-server' })
    await world.ok('setup.exit', {})
    await world.daemon.started
    expect(await world.ok('state', {})).toBe('running')
    await world.logIn()
    const { value } = (await world.ok('db.dump', {})) as { value: Database['public'] }
    expect(value.serverInfo).toMatchObject({ name: 'Ättic  Server!', version: '0.4.0-beta.10' })
    expect(Object.keys(value)).toEqual(['serverInfo', 'packageData', 'ui'])
  })

  it.each([
    [{ password: '' }, 38],
    [{ password: null }, 38],
    [{ password: 'x'.repeat(65) }, 38],
    [{ password: 'good enough', hostname: 'a_b' }, 38],
    [{ password: 'good enough', hostname: '-' }, 38],
    [{ password: { encrypted: {} } }, 1],
    [{ password: 'good enough', recoverySource: { type: 'migrate', guid: 'x' } }, 180],
    [{ password: 5 }, -32602],
  ])('refuses %o and can be repeated', async (params, code) => {
    await using world = await World.create()
    expect((await world.call('setup.execute', params)).body.error?.code).toBe(code)
    expect((await world.call('setup.complete', {})).body.error?.code).toBe(38)
    await world.setUp()
    expect(await world.ok('state', {})).toBe('running')
  })

  it('cannot be done by a page of another site', async () => {
    await using world = await World.create()
    const answer = await world.call(
      'setup.execute',
      { password: PASSWORD },
      { origin: 'http://evil.example' },
    )
    expect(answer.body.error?.code).toBe(34)
  })
})

describe('a later boot', () => {
  it('finds logins and settings again, but no ephemeral login', async () => {
    const first = await World.running()
    const login = await first.call('auth.login', { password: PASSWORD, ephemeral: true }, { cookie: 'a=b' })
    const ephemeral = `session=${(login.body.result as { session: string }).session}`
    await first.daemon.stop()
    await using again = await World.create({ data: first.data })
    await again.daemon.started
    again.cookie = first.cookie
    expect(await again.ok('server.time', {})).toHaveProperty('uptime')
    expect((await again.call('server.time', {}, { cookie: ephemeral })).body.error?.code).toBe(34)
  })

  it('shows in diagnostic mode why the services could not be opened', async () => {
    const first = await World.running()
    await first.daemon.stop()
    await using world = await World.create({
      data: first.data,
      openServices: () => Promise.reject(new CodedError('Lxc', 'LXC is not installed')),
    })
    await world.daemon.started
    expect(await world.ok('state', {})).toBe('error')
    expect(await world.ok('diagnostic.error', {})).toMatchObject({
      code: 72,
      data: { details: 'LXC is not installed' },
    })
    expect(await world.ok('diagnostic.logs', { limit: 1 })).toMatchObject({
      entries: [{ message: expect.stringContaining('LXC is not installed') as string }],
    })
  })

  it('tells how far it is, and runs before it says that it is done', async () => {
    const first = await World.running()
    await first.daemon.stop()
    const { promise, resolve } = Promise.withResolvers<EmptyServices>()
    await using world = await World.create({ data: first.data, openServices: () => promise })
    expect(await world.ok('state', {})).toBe('initializing')
    const { guid } = (await world.ok('init.subscribe', {})) as { guid: string }
    const watching = world.frames(guid)
    resolve(new EmptyServices())
    const { frames, code } = await watching
    expect(code).toBe(1000)
    expect(frames.at(-1)).toMatchObject({ overall: true })
    expect(await world.ok('state', {})).toBe('running')
  })

  it('refuses data of a newer version and leaves it alone', async () => {
    const first = await World.running()
    await first.daemon.stop()
    const path = databasePath(first.data)
    const db = await PatchDb.open<Database>(path)
    await db.mutate((draft) => {
      draft.public.serverInfo.version = '0.4.1'
    })
    await db.close()
    await using world = await World.create({ data: first.data })
    await world.daemon.started
    expect(await world.ok('diagnostic.error', {})).toMatchObject({
      code: 39,
      data: { details: expect.stringContaining('0.4.1') as string },
    })
  })
})

describe('a daemon that cannot run', () => {
  it('says that the data directory is in use', async () => {
    await using world = await World.create()
    await expect(World.create({ data: world.data })).rejects.toMatchObject({
      kind: 'InvalidRequest',
      details: expect.stringContaining('startd already runs for this data directory: open http://') as string,
    })
    expect(await world.ok('setup.status', {})).toMatchObject({ status: 'incomplete' })
  })

  it('says that the port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => other.once('listening', resolve))
    const { port } = other.address() as AddressInfo
    const data = await mkdtemp(join(tmpdir(), 'startd-api-'))
    await expect(World.create({ data, port })).rejects.toMatchObject({
      kind: 'LanPortConflict',
      details: expect.stringContaining(`port ${port}`) as string,
    })
    other.close()
    await rm(data, { recursive: true })
  })
})

describe('each context', () => {
  const methods = Object.entries<MethodDefinition>(CONTRACT)
  const probe = async (world: World, context: 'setup' | 'running') => {
    for (const [name, definition] of methods) {
      const { body } = await world.call(name, {}, { cookie: 'session=none' })
      const there = body.error?.code !== -32601
      expect([name, there]).toEqual([name, definition.contexts.includes(context)])
      if (context === 'running' && definition.auth === 'session')
        expect([name, body.error?.code]).toEqual([name, 34])
    }
  }

  it('answers exactly the methods that are declared for it', async () => {
    await using world = await World.create()
    await probe(world, 'setup')
    await world.setUp()
    await probe(world, 'running')
  })
})
