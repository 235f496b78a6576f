import type { z } from 'zod'
import type { BindInfo, HostAddress } from '@startd/base/rpc/host.ts'
import type { Block, Cell } from './blocks.ts'
import { cell } from './generic.ts'
import type { Views } from './views.ts'

/** Names, ports and networks. */
export const networkViews = {
  'server.host.address.list': (addresses) => [addressTable(addresses)],
  'package.host.address.list': (addresses) => [addressTable(addresses)],
  'server.host.binding.list': (bindings) => bindingTables(bindings),
  'package.host.binding.list': (bindings) => bindingTables(bindings),
  'package.host.list': (hosts) => [{ kind: 'text', text: hosts.join('\n') || 'this service has no host' }],
  'net.gateway.list': (gateways) => [
    {
      kind: 'table',
      columns: [
        { head: 'id', whole: true },
        { head: 'name' },
        { head: 'kind' },
        { head: 'addresses' },
        { head: 'on the internet' },
        { head: 'use' },
      ],
      rows: Object.entries(gateways).map(([id, { name, ipInfo, type }]) => [
        id,
        cell(name ?? ipInfo?.name),
        cell(ipInfo?.deviceType),
        ipInfo ? cell(ipInfo.lanIp) : { text: 'not connected', tone: 'quiet' },
        cell(ipInfo?.wanIp),
        type === 'outbound-only' ? 'out only' : 'in and out',
      ]),
      none: 'no networks are known',
    },
  ],
  'net.gateway.check-dns': (leadsHere) => [
    {
      kind: 'text',
      text: leadsHere ? 'The name leads to this server.' : 'The name does not lead to this server.',
    },
  ],
  'net.gateway.check-port': (result) => [portFacts(result)],
  'net.dns.query': (address) => [{ kind: 'text', text: address ?? 'no address is known by this name' }],
  'net.dns.dump-table': (names) => [
    {
      kind: 'table',
      columns: [{ head: 'name', whole: true }, { head: 'leads to' }],
      rows: Object.entries(names).map(([name, address]) => [name, address ?? 'this server']),
      none: 'no names are answered',
    },
  ],
  'net.forward.dump-table': (forwards) => [
    {
      kind: 'table',
      columns: [{ head: 'port', right: true }, { head: 'leads to' }, { head: 'for' }],
      rows: Object.entries(forwards).map(([port, { target, reqs }]) => [port, target, reqs]),
      none: 'no ports are passed on',
    },
  ],
  'net.vhost.dump-table': (ports) => [
    {
      kind: 'table',
      columns: [{ head: 'port', right: true }, { head: 'name' }, { head: 'leads to' }],
      rows: Object.entries(ports).flatMap(([port, names]) =>
        Object.entries(names).map(([name, targets]): Cell[] => [
          port,
          name === 'null' ? 'any other' : name.replace(/^"|"$/g, ''),
          targets.join(', '),
        ]),
      ),
      none: 'no names lead anywhere',
    },
  ],
  'net.ssl.generate-certificate': ({ key, fullchain }) => [
    { kind: 'text', text: `Private key:\n${key.trimEnd()}` },
    { kind: 'text', text: `Certificates:\n${fullchain.trimEnd()}` },
  ],
  'server.host.address.domain.public.add': ({ dns, port }) => domainView(dns, port),
  'package.host.address.domain.public.add': ({ dns, port }) => domainView(dns, port),
  'server.host.address.domain.private.add': (leadsHere) => [privateDomain(leadsHere)],
  'package.host.address.domain.private.add': (leadsHere) => [privateDomain(leadsHere)],
} as const satisfies Views

function addressTable(addresses: readonly HostAddress[]): Block {
  return {
    kind: 'table',
    columns: [
      { head: 'domain', whole: true },
      { head: 'internet' },
      { head: 'certified by' },
      { head: 'at home' },
    ],
    rows: addresses.map(({ address, public: open, private: home }) => [
      address,
      open ? `through ${open.gateway}` : cell(null),
      cell(open?.acme),
      home ? `through ${home.join(', ')}` : cell(null),
    ]),
    none: 'no domains',
  }
}

function bindingTables(bindings: Record<string, z.infer<typeof BindInfo>>): Block[] {
  const blocks = Object.entries(bindings).map(([internal, { enabled, net, addresses }]): Block => {
    const ports = [net.assignedPort, net.assignedSslPort].filter((port) => port !== null).join(' and ')
    const off = new Set(addresses.disabled.map(([host, port]) => `${host}:${port}`))
    return {
      kind: 'table',
      title: `Port ${internal}${ports === '' ? '' : `, outside ${ports}`}${enabled ? '' : ', off'}`,
      columns: [
        { head: 'address', whole: true },
        { head: 'encrypted' },
        { head: 'internet' },
        { head: 'kind' },
        { head: 'on' },
      ],
      rows: addresses.available.map(({ hostname, port, ssl, public: open, metadata }) => [
        port === null ? hostname : `${hostname}:${port}`,
        cell(ssl),
        cell(open),
        metadata.kind,
        cell(
          open && metadata.kind.startsWith('ip')
            ? addresses.enabled.includes(`${hostname}:${port}`)
            : !off.has(`${hostname}:${port ?? (ssl ? 443 : 80)}`),
        ),
      ]),
      none: 'no addresses',
    }
  })
  return blocks.length > 0 ? blocks : [{ kind: 'text', text: 'no ports' }]
}

interface PortCheck {
  ip: string
  port: number
  openExternally: boolean
  openInternally: boolean
  hairpinning: boolean
}

function portFacts({ ip, port, openExternally, openInternally, hairpinning }: PortCheck): Block {
  const open = (is: boolean): Cell => (is ? { text: 'open', tone: 'good' } : { text: 'closed', tone: 'bad' })
  return {
    kind: 'facts',
    facts: [
      ['address', `${ip}:${port}`],
      ['from the internet', open(openExternally)],
      ['at home', open(openInternally)],
      ['by its internet address at home', open(hairpinning)],
    ],
  }
}

function domainView(dns: string | null, port: PortCheck): Block[] {
  return [
    {
      kind: 'text',
      text:
        dns === null
          ? 'The name leads nowhere yet: enter it at your DNS provider.'
          : `The name leads to ${dns}.`,
    },
    portFacts(port),
  ]
}

function privateDomain(leadsHere: boolean): Block {
  return {
    kind: 'text',
    text: leadsHere
      ? 'The name leads to this server.'
      : 'Added. The DNS of that network does not lead the name to this server yet.',
  }
}
