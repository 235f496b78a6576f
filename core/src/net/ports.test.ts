import fc from 'fast-check'
import type { EffectParams } from '@startd/base/effects.ts'
import { EFFECTS } from '@startd/base/effects.ts'
import type { BindOptions, Host } from '@startd/base/model.ts'
import { describe, expect, it } from 'vitest'
import { deriveAddresses, listenAddresses } from './addresses.ts'
import * as bindings from './bindings.ts'
import { allocatePort, assignPorts, isRestricted, replacePort, type PortTable } from './ports.ts'

const port = fc.integer({ min: 0, max: 65535 })
const addSsl = {
  preferredExternalPort: 443,
  addXForwardedHeaders: true,
  alpn: null,
  upstreamCertValidation: null,
  auth: null,
}
const options = (more: Partial<BindOptions> = {}): BindOptions => ({
  preferredExternalPort: 8080,
  addSsl: null,
  secure: null,
  ...more,
})

describe('ports', () => {
  it('are the preferred ones where these are free and for packages', () => {
    expect(allocatePort({}, 8080, false)).toBe(8080)
    expect(allocatePort({ '8080': false }, 8080, false)).toBeGreaterThanOrEqual(49152)
    for (const taboo of [80, 443, 1024, 5353, 5432, 9050])
      expect(allocatePort({}, taboo, true)).toBeGreaterThanOrEqual(49152)
  })

  it('are never given twice, nor restricted ones at all', () => {
    fc.assert(
      fc.property(fc.array(port, { maxLength: 200 }), (preferred) => {
        const table: PortTable = {}
        const given = preferred.map((one) => allocatePort(table, one, false))
        expect(new Set(given).size).toBe(given.length)
        expect(given.some(isRestricted)).toBe(false)
        expect(given.every((one) => one <= 65535)).toBe(true)
      }),
    )
  })

  it('run out with a clear error', () => {
    const table: PortTable = Object.fromEntries(Array.from({ length: 65536 }, (_, one) => [one, false]))
    expect(() => allocatePort(table, 8080, false)).toThrow('no dynamic ports available')
  })

  it('are kept as long as their kind is wanted', () => {
    const table: PortTable = {}
    const first = assignPorts(table, options())
    expect(first).toEqual({ assignedPort: 8080, assignedSslPort: null })
    const both = assignPorts(table, options({ preferredExternalPort: 9999, addSsl }), first)
    expect(both.assignedPort).toBe(8080)
    expect(both.assignedSslPort).toBeGreaterThanOrEqual(49152)
    const onlySsl = assignPorts(table, options({ secure: { ssl: true }, addSsl }), both)
    expect(onlySsl).toEqual({ assignedPort: null, assignedSslPort: both.assignedSslPort })
    expect(Object.keys(table)).toEqual([String(both.assignedSslPort)])
  })

  it('move when a foreign program holds them', () => {
    const table: PortTable = { '8080': false }
    const moved = replacePort(table, 8080, false)
    expect(table).toEqual({ [String(moved)]: false })
  })
})

describe('the bindings of a package', () => {
  const bind = (more: Record<string, unknown> = {}): EffectParams<'bind'> =>
    EFFECTS.bind.params.parse({
      id: 'main',
      internalPort: 80,
      preferredExternalPort: 8080,
      addSsl: null,
      secure: null,
      ...more,
    })
  const ui = (more: Record<string, unknown> = {}): EffectParams<'export-service-interface'> =>
    EFFECTS['export-service-interface'].params.parse({
      id: 'ui',
      name: 'UI',
      description: '',
      masked: false,
      type: 'ui',
      addressInfo: {
        hostId: 'main',
        internalPort: 80,
        scheme: 'http',
        sslScheme: null,
        suffix: '',
        username: null,
      },
      ...more,
    })

  it('keep port, interfaces and a person’s choices when bound again', () => {
    const hosts: Record<string, Host> = {}
    const table: PortTable = {}
    bindings.bind(hosts, table, bind())
    bindings.exportInterface(hosts, ui())
    const binding = hosts['main']?.bindings['80']
    binding?.addresses.disabled.push(['192.0.2.1', 8080])
    bindings.clearBindings(hosts, [])
    expect(hosts['main']?.bindings['80']?.enabled).toBe(false)
    bindings.bind(hosts, table, bind({ preferredExternalPort: 9000 }))
    expect(hosts['main']?.bindings['80']).toMatchObject({
      enabled: true,
      net: { assignedPort: 8080 },
      addresses: { disabled: [['192.0.2.1', 8080]] },
      interfaces: { ui: { name: 'UI' } },
    })
  })

  it('refuse an interface on a port that is not bound', () => {
    expect(() => {
      bindings.exportInterface({}, ui())
    }).toThrow('must be bound before')
  })

  it('give all ports back', () => {
    const hosts: Record<string, Host> = {}
    const table: PortTable = { '80': false }
    bindings.bind(hosts, table, bind({ addSsl }))
    bindings.freePorts(hosts, table)
    expect(table).toEqual({ '80': false })
  })

  it('survive ids that are names of every object', () => {
    const hosts: Record<string, Host> = {}
    bindings.bind(hosts, {}, bind({ id: 'constructor' }))
    expect(Object.keys(hosts)).toEqual(['constructor'])
  })

  describe('are reachable', () => {
    const place = { listenAddress: '0.0.0.0', bridgeAddress: '10.0.3.1' }
    const made = () => {
      const hosts: Record<string, Host> = {}
      bindings.bind(hosts, {}, bind())
      return hosts
    }
    const gateways = (hosts: Record<string, Host>) => {
      const host = hosts['main']
      if (!host) throw new Error('no host')
      deriveAddresses(host, place)
      return host.bindings['80']?.addresses.available.map(({ metadata }) =>
        'gateway' in metadata ? metadata.gateway : '',
      )
    }

    it('only inside this machine without an interface', () => {
      const hosts = made()
      expect(gateways(hosts)).toEqual(['lo', 'lxcbr0'])
      expect(listenAddresses(place, binding(hosts))).toEqual(['127.0.0.1', '10.0.3.1'])
    })

    it('where the server listens with one', () => {
      const hosts = made()
      bindings.exportInterface(hosts, ui())
      expect(gateways(hosts)?.length).toBeGreaterThanOrEqual(2)
      expect(listenAddresses(place, binding(hosts))).toEqual(['0.0.0.0'])
      expect(listenAddresses({ ...place, listenAddress: '127.0.0.1' }, binding(hosts))).toEqual([
        '127.0.0.1',
        '10.0.3.1',
      ])
    })

    it('nowhere when switched off', () => {
      const hosts = made()
      bindings.clearBindings(hosts, [])
      expect(gateways(hosts)).toEqual([])
      expect(listenAddresses(place, binding(hosts))).toEqual([])
    })

    function binding(hosts: Record<string, Host>) {
      const found = hosts['main']?.bindings['80']
      if (!found) throw new Error('no binding')
      return found
    }
  })
})
