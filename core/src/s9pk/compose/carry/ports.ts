import type { LongPort } from '../schema/service.ts'
import { splitColons } from '../source/colons.ts'
import type { ServiceContext } from './context.ts'

/** A port that a compose file opens to the outside. */
export interface PublishedPort {
  /** Index in `ports`. */
  index: number
  hostIp: string | null
  /** Inside; several for a range. */
  first: number
  last: number
  /** Outside; null where compose would choose one. */
  published: number | null
  protocol: 'tcp' | 'udp'
  name: string | null
  application: string | null
}

const KEYS = ['target', 'published', 'host_ip', 'protocol', 'app_protocol', 'name', 'mode']
const RANGE = /^(\d{1,5})(?:-(\d{1,5}))?$/

/** Reads `ports`: `8080:80`, `127.0.0.1:8080:80/tcp`, `[::1]:53:53/udp`, ranges, and the long form. */
export function carryPorts(context: ServiceContext): PublishedPort[] {
  const { ports = [] } = context.service
  return ports.flatMap((given, index) => {
    const parsed =
      typeof given === 'string' ? shortForm(context, index, given) : longForm(context, index, given)
    if (parsed === null) {
      context.list('problem', ['ports', index], 'SCTP cannot be opened here; only TCP and UDP can.')
      return []
    }
    context.useKeys(['ports', index], given, KEYS)
    return [parsed]
  })
}

function shortForm(context: ServiceContext, index: number, given: string): PublishedPort | null {
  const parts = splitColons(given)
  const own = context.fixed(['ports', index], parts.pop() ?? '')
  const outside = parts.length === 0 ? null : context.fixedIfKnown(['ports', index], parts.join(':'))
  const text = outside === null ? own : `${outside}:${own}`
  const wrong = (why: string) =>
    context.conversion.document.error(
      'Deserialization',
      context.path('ports', index),
      `“${text}” is not a port: ${why}`,
    )
  const [address = '', protocol = 'tcp'] = text.split('/')
  if (protocol === 'sctp') return null
  if (protocol !== 'tcp' && protocol !== 'udp') throw wrong(`${protocol} is neither tcp nor udp`)
  const match = /^(?:(\[[^\]]*\]|[^:]*):)?(?:([^:]*):)?([^:]+)$/.exec(address)
  const [, a, b, inner = ''] = match ?? []
  // With one colon the first part is the outer port, with two it is the address.
  const [hostIp, outer] = b === undefined ? [null, a ?? ''] : [a ?? '', b]
  const target = range(inner)
  const published = outer === '' ? null : range(outer)
  if (!match || !target) throw wrong('write [[address:]port:]port[/protocol] with ports up to 65535')
  if (published === undefined) throw wrong(`${outer} is not a port`)
  return {
    index,
    hostIp: hostIp ? hostIp.replaceAll(/[[\]]/g, '') : null,
    first: target[0],
    last: target[1],
    published: published?.[0] ?? null,
    protocol,
    name: null,
    application: null,
  }
}

function longForm(context: ServiceContext, index: number, given: LongPort): PublishedPort | null {
  const target = range(given.target)
  const outer =
    given.published === undefined
      ? ''
      : (context.fixedIfKnown(['ports', index, 'published'], given.published) ?? '')
  if (!target)
    throw context.conversion.document.error(
      'Deserialization',
      context.path('ports', index, 'target'),
      `${given.target} is not a port`,
    )
  if (given.protocol === 'sctp') return null
  return {
    index,
    hostIp: given.host_ip ?? null,
    first: target[0],
    last: target[1],
    published: range(outer)?.[0] ?? null,
    protocol: given.protocol,
    name: given.name ?? null,
    application: given.app_protocol ?? null,
  }
}

function range(text: string): [number, number] | undefined {
  const [, from, to] = RANGE.exec(text) ?? []
  if (from === undefined) return undefined
  const first = Number(from)
  const last = Number(to ?? from)
  return first >= 1 && last >= first && last <= 65535 ? [first, last] : undefined
}
