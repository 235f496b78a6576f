import { ERROR_KINDS } from '@startd/base/errors.ts'
import { CONTRACT, type MethodName } from '@startd/base/rpc/contract.ts'
import type { BootContext, MethodDefinition } from '@startd/base/rpc/method.ts'
import { describe, expect, it } from 'vitest'
import { EXAMPLES } from '../../../build/api/examples.ts'
import { ABSENT } from '../../src/api/absent.ts'
import { World } from './world.ts'

const absentIn = (context: BootContext) =>
  (Object.keys(ABSENT) as (keyof typeof ABSENT)[]).filter((name) =>
    (CONTRACT as Record<MethodName, MethodDefinition>)[name].contexts.includes(context),
  )

/** Calls all absent methods of a stage as a person would. */
async function probe(world: World, context: BootContext): Promise<void> {
  for (const name of absentIn(context)) {
    const { kind, details, missing } = ABSENT[name]
    const { body } = await world.call(name, EXAMPLES[name])
    expect([name, body]).toMatchObject([
      name,
      { error: { code: ERROR_KINDS[kind][0], data: { details, info: { missing } } }, id: 1 },
    ])
    expect(body).not.toHaveProperty('result')
  }
}

describe('a method that this server has not', () => {
  it('says why, at every stage, and never that it has worked', async () => {
    await using world = await World.create()
    await probe(world, 'setup')
    await world.setUp()
    await world.logIn()
    await probe(world, 'running')
  })

  it('is refused to strangers, and checks its parameters, like any other', async () => {
    await using world = await World.running()
    expect(
      (await world.call('wifi.add', { ssid: 'x', password: 'y' }, { cookie: '' })).body.error?.code,
    ).toBe(34)
    expect((await world.call('wifi.add', { ssid: 'x' })).body.error?.code).toBe(-32602)
  })

  it('gives a reason that a newcomer understands', () => {
    for (const { kind, details, missing } of Object.values(ABSENT)) {
      expect(kind === 'NotYet').toBe(missing === 'release')
      expect(details).toMatch(
        missing === 'machine' ? /^Not available on this machine: \w/ : /^[Ss]\w+ |^\w+ .*yet/,
      )
    }
  })
})

describe('what the state already knows', () => {
  it('is told of the names and ports of the server and of services', async () => {
    await using world = await World.running()
    expect(await world.ok('server.host.address.list', {})).toEqual([])
    expect(await world.ok('server.host.binding.list', {})).toBeTypeOf('object')
    expect(await world.ok('net.gateway.list', {})).toBeTypeOf('object')
    for (const [method, params] of [
      ['package.host.list', { package: 'lost' }],
      ['package.host.address.list', { package: 'lost', host: 'main' }],
      ['package.host.binding.list', { package: 'lost', host: 'main' }],
    ] as const) {
      expect((await world.call(method, params)).body.error?.code).toBe(6)
    }
  })

  it('looks names up, before and after the set-up', async () => {
    await using world = await World.create()
    expect(await world.ok('net.dns.query', { fqdn: 'localhost' })).toBe('127.0.0.1')
    await world.setUp()
    await world.logIn()
    expect(await world.ok('net.dns.query', { fqdn: 'localhost' })).toBe('127.0.0.1')
    expect((await world.call('net.dns.query', { fqdn: '' })).body.error?.code).toBe(-32602)
  })
})
