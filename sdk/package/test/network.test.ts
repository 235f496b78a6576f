import { describe, expect, it } from 'vitest'
import { createInterface } from '../src/network/interface.ts'
import { MultiHost } from '../src/network/multi-host.ts'
import { setupInterfaces } from '../src/network/setup-interfaces.ts'
import { HostInMemory } from './kit/effects.ts'

const options = { username: null, path: '', query: {}, schemeOverride: null, masked: false }

describe('binding a port', () => {
  it('asks for http with TLS in front, byte for byte as known hosts expect it', async () => {
    const host = new HostInMemory()
    await MultiHost.of(host.effects('init'), 'main').bindPort(3000, { protocol: 'http' })
    expect(JSON.stringify(host.sent('bind')[0])).toBe(
      '{"id":"main","internalPort":3000,"preferredExternalPort":80,"addSsl":{"addXForwardedHeaders":true,' +
        '"preferredExternalPort":443,"scheme":"https","alpn":{"specified":["http/1.1"]},"auth":null},"secure":null}',
    )
  })

  it.each([
    [
      { protocol: 'https' as const },
      { preferredExternalPort: 443, secure: { ssl: true }, addSsl: { scheme: 'https', alpn: null } },
    ],
    [{ protocol: 'ws' as const }, { preferredExternalPort: 80, secure: null, addSsl: { scheme: 'wss' } }],
    [{ protocol: 'ssh' as const }, { preferredExternalPort: 22, secure: { ssl: false }, addSsl: null }],
    [{ protocol: 'dns' as const }, { preferredExternalPort: 53, secure: { ssl: false }, addSsl: null }],
    [
      { protocol: 'http' as const, noAddSsl: true },
      { preferredExternalPort: 80, addSsl: null },
    ],
    [
      { protocol: 'http' as const, preferredExternalPort: 8080, addSsl: { preferredExternalPort: 8443 } },
      { preferredExternalPort: 8080, addSsl: { preferredExternalPort: 8443, scheme: 'https' } },
    ],
    [
      { protocol: null, preferredExternalPort: 3478, addSsl: null, secure: { ssl: false } },
      { protocol: null, preferredExternalPort: 3478, addSsl: null },
    ],
  ])('binds %j', async (options, expected) => {
    const host = new HostInMemory()
    await MultiHost.of(host.effects('init'), 'main').bindPort(9000, options)
    expect(host.sent('bind')[0]).toMatchObject(expected)
  })

  it('exports an interface on the port, byte for byte', async () => {
    const host = new HostInMemory()
    const effects = host.effects('init')
    const origin = await MultiHost.of(effects, 'main').bindPort(22, { protocol: 'ssh' })
    const ssh = createInterface(effects, {
      ...options,
      id: 'ssh',
      name: 'SSH',
      description: 'Push here',
      type: 'api',
      username: 'git',
    })
    await origin.export([ssh])
    expect(host.sent('exportServiceInterface')[0]).toEqual({
      id: 'ssh',
      name: 'SSH',
      description: 'Push here',
      type: 'api',
      masked: false,
      addressInfo: {
        hostId: 'main',
        internalPort: 22,
        scheme: 'ssh',
        sslScheme: null,
        suffix: '',
        username: 'git',
      },
    })
  })

  it('puts path and query behind the address', async () => {
    const effects = new HostInMemory().effects('init')
    const origin = await MultiHost.of(effects, 'main').bindPort(80, { protocol: 'http' })
    const ui = { ...options, id: 'ui', name: '', description: '', type: 'ui' as const }
    const [address] = await origin.export([
      createInterface(effects, { ...ui, path: '/a', query: { b: 'c d' } }),
    ])
    expect(address?.suffix).toBe('/a?b=c+d')
  })

  it.each([
    [1, 2000],
    [501, 2000],
    [1.5, 2000],
    [2, 1024],
    [500, 65100],
  ])('refuses a range of %d ports from %d', async (numberOfPorts, start) => {
    const host = MultiHost.of(new HostInMemory().effects('init'), 'main')
    const range = { internalStartPort: start, externalStartPort: start, numberOfPorts }
    await expect(host.bindPortRange(range)).rejects.toThrow(/range/)
  })
})

describe('setupInterfaces', () => {
  it('closes what was not named this time', async () => {
    const host = new HostInMemory()
    await setupInterfaces(async ({ effects }) => {
      const main = MultiHost.of(effects, 'main')
      const origin = await main.bindPort(8080, { protocol: 'http' })
      await main.bindPortRange({ internalStartPort: 42000, externalStartPort: 42000, numberOfPorts: 500 })
      const ui = createInterface(effects, { ...options, id: 'ui', name: 'UI', description: '', type: 'ui' })
      return [await origin.export([ui])]
    })(host.effects('init'))
    expect(host.sent('clearBindings')).toEqual([
      {
        except: [
          { id: 'main', internalPort: 8080 },
          { id: 'main', internalPort: 42000 },
        ],
      },
    ])
    expect(host.sent('clearServiceInterfaces')).toEqual([{ except: ['ui'] }])
  })

  it('closes everything when nothing is named', async () => {
    const host = new HostInMemory()
    await setupInterfaces(async () => [])(host.effects('init'))
    expect(host.calls).toEqual([
      { method: 'clearBindings', params: { except: [] } },
      { method: 'clearServiceInterfaces', params: { except: [] } },
    ])
  })

  it('does not keep its context alive after it was left', async () => {
    const host = new HostInMemory()
    const seen: boolean[] = []
    let kept = () => {}
    await setupInterfaces(async ({ effects }) => {
      kept = () => seen.push(effects.isInContext)
      return []
    })(host.effects('init'))
    kept()
    host.root.leave()
    kept()
    expect(seen).toEqual([true, false])
  })
})
