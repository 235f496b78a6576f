import type { LogResponse } from '@startd/base/rpc/params.ts'
import { DeviceInfo } from '@startd/base/rpc/server.ts'
import { describe, expect, it } from 'vitest'
import { PASSWORD, World } from '../api/world.ts'

const info = async (world: World, member: string) =>
  ((await world.ok('db.dump', { pointer: `/public/serverInfo/${member}` })) as { value: unknown }).value

describe('a server', () => {
  it('knows the machine that it runs on, and whether its clock is right', async () => {
    await using world = await World.running()
    const found = DeviceInfo.parse(await world.ok('server.device-info', {}))
    expect(found.hardware?.devices?.length).toBeGreaterThan(0)
    expect(await info(world, 'ram')).toBe(found.hardware?.ram)
    expect(await info(world, 'devices')).toEqual(found.hardware?.devices)
    expect(await info(world, 'ntpSynced')).toBeTypeOf('boolean')
    const { now, uptime } = (await world.ok('server.time', {})) as { now: string; uptime: number }
    expect([Number.isInteger(uptime), Date.parse(now) > 0]).toEqual([true, true])
    expect(await world.ok('disk.list', {})).toBeInstanceOf(Array)
    expect(await world.ok('server.experimental.governor', {})).toHaveProperty('available')
    expect((await world.call('server.experimental.governor', { set: 'lightspeed' })).body.error?.code).toBe(
      38,
    )
  })

  it('takes a name, a network name and a language, and says when it must be started for them', async () => {
    await using world = await World.running()
    const restart = () => info(world, 'statusInfo/restart')
    await world.ok('server.set-hostname', { name: 'Cellar ☃' })
    expect([await info(world, 'name'), await restart()]).toEqual(['Cellar ☃', null])
    for (const hostname of ['Ünïcode', 'a_b', '-', 'a.b', 'x'.repeat(64)]) {
      expect((await world.call('server.set-hostname', { hostname })).body.error?.code).toBe(38)
    }
    expect((await world.call('server.set-hostname', { name: '', hostname: '' })).body.error?.code).toBe(38)
    await world.ok('server.set-hostname', { hostname: 'cellar' })
    expect([await info(world, 'hostname'), await restart()]).toEqual(['cellar', 'mdns'])
    await world.ok('server.set-language', { language: 'de_DE' })
    expect([await info(world, 'language'), await restart()]).toEqual(['de_DE', 'language'])
  })

  it('keeps the keyboard that was chosen, before the set-up and after', async () => {
    await using world = await World.create()
    await world.ok('setup.set-keyboard', { layout: 'de' })
    expect(await world.ok('setup.disk.list', {})).toBeInstanceOf(Array)
    await world.setUp()
    await world.logIn()
    expect(await info(world, 'keyboard')).toMatchObject({ layout: 'de', options: [] })
    await world.ok('server.set-keyboard', { layout: 'us', options: ['compose:ralt'] })
    expect(await info(world, 'keyboard')).toMatchObject({ layout: 'us', options: ['compose:ralt'] })
  })

  it('without a screen shows no pages on one, whatever the set-up asked for', async () => {
    await using world = await World.create()
    const { guid } = (await world.ok('setup.execute', { password: PASSWORD, kiosk: true })) as {
      guid: string
    }
    await world.frames(guid)
    await world.ok('setup.exit', {})
    await world.daemon.started
    await world.logIn()
    expect(await info(world, 'kiosk')).toBeNull()
    const { error } = (await world.call('kiosk.enable', {})).body
    expect(error).toMatchObject({ code: 38, data: { details: expect.stringContaining('screen') } })
  })

  it('refuses to repair a disk in a way that no page offers it again', async () => {
    await using world = await World.running()
    for (const method of ['disk.repair', 'diagnostic.disk.repair', 'diagnostic.disk.forget']) {
      expect((await world.call(method, {})).body.error?.code).toBe(38)
    }
  })
})

describe('the logs of the machine', () => {
  it('are read at every stage, and followed live', async () => {
    await using world = await World.create({ openServices: () => Promise.reject(new Error('no containers')) })
    const setup = (await world.ok('setup.logs', {})) as LogResponse
    expect(setup.entries.at(-1)?.message).toContain('first visitor')
    await world.setUp()
    const failed = (await world.ok('diagnostic.logs', { level: 'error' })) as LogResponse
    expect(failed.entries.map(({ message }) => message).join()).toContain('no containers')
    expect((await world.ok('diagnostic.kernel-logs', { limit: 1 })) as LogResponse).toHaveProperty('entries')
  })

  it('show a new line to a browser at once', async () => {
    await using world = await World.running()
    const { guid } = (await world.ok('server.logs.follow', { limit: 0, search: 'lantern' })) as {
      guid: string
    }
    const socket = world.socket(guid)
    const seen = new Promise<string>((resolve, reject) => {
      socket.on('message', (data: Buffer) => resolve(data.toString())).on('error', reject)
    })
    world.daemon.log.info('a Lantern')
    expect(JSON.parse(await seen)).toMatchObject({ message: 'INFO a Lantern', bootId: world.daemon.log.boot })
    socket.close()
    const { entries } = (await world.ok('server.kernel-logs', { limit: 1 })) as LogResponse
    expect(entries).toHaveLength(1)
  })
})
