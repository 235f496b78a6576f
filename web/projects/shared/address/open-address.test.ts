import { describe, expect, it } from 'vitest'
import type { BindInfo } from '@startd/base/model.ts'
import type { HostnameInfo, ServiceInterface } from '@startd/base/host-schemas.ts'
import { addressesOf, isSwitchedOn, urlOf } from './open-address.ts'

const PAGE = {
  id: 'ui',
  name: 'Web page',
  description: '',
  masked: false,
  type: 'ui',
  addressInfo: {
    username: null,
    hostId: 'main',
    internalPort: 80,
    scheme: 'http',
    sslScheme: 'https',
    suffix: '',
  },
} as unknown as ServiceInterface

const at = (
  hostname: string,
  port: number | null,
  kind: HostnameInfo['metadata']['kind'],
  more: Partial<HostnameInfo> = {},
) =>
  ({
    ssl: false,
    public: false,
    hostname,
    port,
    metadata: { kind, gateway: 'eth0' },
    ...more,
  }) as HostnameInfo

const LOOPBACK = at('127.0.0.1', 49200, 'ipv4')
const LAN = at('192.168.1.5', 49200, 'ipv4')
const LAN_TLS = at('192.168.1.5', 49201, 'ipv4', { ssl: true })
const MDNS = at('attic.local', 49200, 'mdns')
const WAN = at('203.0.113.7', 49200, 'ipv4', { public: true })
const DOMAIN = at('photos.example.com', 443, 'public-domain', { public: true, ssl: true })

function binding(available: HostnameInfo[], addresses: Partial<BindInfo['addresses']> = {}): BindInfo {
  return {
    enabled: true,
    options: { preferredExternalPort: 80, addSsl: null, secure: null },
    net: { assignedPort: 49200, assignedSslPort: null },
    addresses: { enabled: [], disabled: [], guaAccess: {}, available, ...addresses },
    interfaces: {},
  }
}

const best = (available: HostnameInfo[], href: string) =>
  addressesOf(binding(available), PAGE, new URL(href))[0]?.url

describe('the address to open', () => {
  const all = [WAN, DOMAIN, MDNS, LAN_TLS, LAN, LOOPBACK]

  it.each([
    ['http://127.0.0.1:8080/', 'http://127.0.0.1:49200'],
    ['http://localhost:8080/', 'http://127.0.0.1:49200'],
    ['http://192.168.1.5/', 'http://192.168.1.5:49200'],
    ['https://192.168.1.5/', 'https://192.168.1.5:49201'],
    ['http://attic.local/', 'http://attic.local:49200'],
    ['https://photos.example.com/', 'https://photos.example.com'],
  ])('is the one by which the person came: %s', (came, url) => {
    expect(best(all, came)).toBe(url)
  })

  it('is of the same kind when the very name is not offered', () => {
    expect(best([MDNS, LAN], 'http://10.0.0.9/')).toBe('http://192.168.1.5:49200')
  })

  it('is never a loopback address for a browser elsewhere, while there is another', () => {
    expect(best([LOOPBACK, MDNS], 'http://10.0.0.9/')).toBe('http://attic.local:49200')
  })

  it('is one that others can reach where others shall use it, even on the server itself', () => {
    const peer = { ...PAGE, type: 'p2p' } as ServiceInterface
    const [first] = addressesOf(binding([LOOPBACK, LAN]), peer, new URL('http://127.0.0.1:8080/'))
    expect(first?.url).toBe('http://192.168.1.5:49200')
  })

  it('is never that of the bridge between the services', () => {
    const bridge = {
      ...at('10.0.3.1', 49200, 'ipv4'),
      metadata: { kind: 'ipv4', gateway: 'lxcbr0' },
    } as HostnameInfo
    expect(best([bridge, LAN], 'http://10.0.3.7/')).toBe('http://192.168.1.5:49200')
  })

  it('is missing while the service does not listen', () => {
    expect(addressesOf({ ...binding(all), enabled: false }, PAGE, new URL('http://localhost/'))).toEqual([])
  })
})

describe('an address', () => {
  it('is off on the internet until it was switched on', () => {
    expect(isSwitchedOn(WAN, binding([WAN]))).toBe(false)
    expect(isSwitchedOn(WAN, binding([WAN], { enabled: ['203.0.113.7:49200'] }))).toBe(true)
  })

  it('is on at home until it was switched off', () => {
    expect(isSwitchedOn(MDNS, binding([MDNS]))).toBe(true)
    expect(isSwitchedOn(MDNS, binding([MDNS], { disabled: [['attic.local', 49200]] }))).toBe(false)
  })

  it('follows the access that a global IPv6 address was given', () => {
    const gua = at('2001:db8::1', 80, 'ipv6')
    expect(isSwitchedOn(gua, binding([gua]))).toBe(true)
    expect(isSwitchedOn(gua, binding([gua], { guaAccess: { '[2001:db8::1]:80': 'disabled' } }))).toBe(false)
  })

  it('leaves out the port that its scheme implies and keeps user and suffix', () => {
    const info = { ...PAGE.addressInfo, username: 'me@home', suffix: '/admin' }
    expect(urlOf(at('fd00::1', 80, 'ipv6'), { ...PAGE, addressInfo: info })).toBe(
      'http://me%40home@[fd00::1]/admin',
    )
  })
})
