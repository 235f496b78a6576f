import { describe, expect, it } from 'vitest'
import { powerCommand } from '../../src/system/machine-power.ts'
import { World } from '../api/world.ts'

const flags = async (world: World) => world.ok('db.dump', { pointer: '/public/serverInfo/statusInfo' })

describe('the end of a run', () => {
  it.each([
    ['server.restart', 'restart', { restarting: true, shuttingDown: false }],
    ['server.shutdown', 'shutdown', { restarting: false, shuttingDown: true }],
    ['server.rebuild', 'rebuild', { restarting: true, shuttingDown: false }],
  ])('comes after %s, once everything is down', async (method, kind, status) => {
    const down = Promise.withResolvers<void>()
    await using world = await World.running({ takeDown: () => down.promise })
    expect(await world.ok(method, {})).toBeNull()
    expect(await flags(world)).toMatchObject({ value: status })
    down.resolve()
    expect(await world.daemon.ending).toBe(kind)
  })

  it('is waited for by those who want to, and is one for all who ask', async () => {
    const down = Promise.withResolvers<void>()
    let times = 0
    await using world = await World.running({
      takeDown: () => {
        times++
        return down.promise
      },
    })
    const waits = [world.ok('server.shutdown', { wait: true }), world.ok('server.restart', { wait: true })]
    await world.ok('server.restart', {})
    down.resolve()
    expect(await Promise.all(waits)).toEqual([null, null])
    expect([await world.daemon.ending, times]).toEqual(['shutdown', 1])
  })

  it('comes also when something cannot be stopped, and says so in the log', async () => {
    await using world = await World.running({ takeDown: () => Promise.reject(new Error('stuck')) })
    await world.ok('server.shutdown', { wait: true })
    expect(await world.daemon.ending).toBe('shutdown')
    expect(world.lines.join('\n')).toContain('ERROR not everything could be stopped')
  })

  it('is another try of the server alone when its start has failed', async () => {
    await using world = await World.create({ openServices: () => Promise.reject(new Error('no containers')) })
    await world.setUp()
    expect(await world.ok('state', {})).toBe('error')
    expect(await world.ok('diagnostic.restart', {})).toBeNull()
    expect(await world.daemon.ending).toBe('rebuild')
  })

  it('is forgotten at the next start', async () => {
    await using world = await World.running()
    await world.ok('server.restart', { wait: true })
    await world.daemon.stop()
    await using next = await World.create({ data: world.data })
    next.cookie = world.cookie
    await next.daemon.started
    expect(await flags(next)).toMatchObject({ value: { restarting: false, shuttingDown: false } })
  })
})

describe('a machine that startd may switch', () => {
  it('is told so by the program that it has for that', () => {
    expect(powerCommand('restart', true)).toEqual(['systemctl', 'reboot'])
    expect(powerCommand('shutdown', true)).toEqual(['systemctl', 'poweroff'])
    expect(powerCommand('restart', false)).toEqual(['/sbin/shutdown', '-r', 'now'])
    expect(powerCommand('shutdown', false)).toEqual(['/sbin/shutdown', '-h', 'now'])
  })
})
