import type { Carried } from './carry/index.ts'
import { portOf } from './carry/index.ts'
import type { PublishedPort } from './carry/ports.ts'
import { isProxy, knownImage } from './known-images.ts'
import type { InterfacePlan } from './model.ts'
import { capital, idOf, unique } from './names.ts'

interface Guess {
  kind: InterfacePlan['kind']
  type: InterfacePlan['type']
  name: string
}

/** What widespread port numbers are for. */
const WELL_KNOWN: Record<number, Guess> = {
  22: { kind: 'ssh', type: 'api', name: 'SSH' },
  2222: { kind: 'ssh', type: 'api', name: 'SSH' },
  53: { kind: 'raw', type: 'api', name: 'DNS' },
  1883: { kind: 'raw', type: 'api', name: 'MQTT' },
  8883: { kind: 'raw', type: 'api', name: 'MQTT with TLS' },
  3306: { kind: 'raw', type: 'api', name: 'Database' },
  5432: { kind: 'raw', type: 'api', name: 'Database' },
  6379: { kind: 'raw', type: 'api', name: 'Cache' },
  27017: { kind: 'raw', type: 'api', name: 'Database' },
  5672: { kind: 'raw', type: 'api', name: 'Queue' },
  25: { kind: 'raw', type: 'p2p', name: 'Mail from other servers' },
  465: { kind: 'raw', type: 'api', name: 'Sending mail' },
  587: { kind: 'raw', type: 'api', name: 'Sending mail' },
  993: { kind: 'raw', type: 'api', name: 'Reading mail' },
  143: { kind: 'raw', type: 'api', name: 'Reading mail' },
  51820: { kind: 'raw', type: 'p2p', name: 'WireGuard' },
  22000: { kind: 'raw', type: 'p2p', name: 'Sync' },
  6881: { kind: 'raw', type: 'p2p', name: 'Other peers' },
  3478: { kind: 'raw', type: 'p2p', name: 'TURN' },
  5349: { kind: 'raw', type: 'p2p', name: 'TURN with TLS' },
}
const PAGES =
  /^(80|81|3000|3001|5000|5055|7878|8000|8008|8080|8081|8088|8096|8123|8384|8686|8888|8989|9000|9090|9091|9696|32400)$/
const PAGES_WITH_TLS = /^(443|8443|8920|9443)$/
/** A range of more ports than this is not opened one by one. */
const MAX_RANGE = 16

/** Ports that are opened become interfaces; each port of the package only once, the first page first. */
export function interfacesOf(all: readonly Carried[], serviceTitle: string): InterfacePlan[] {
  const ids = new Set<string>()
  const taken = new Set<number>()
  const found: InterfacePlan[] = []
  const add = (carried: Carried, port: number, guess: Guess, externalPort: number) => {
    if (taken.has(port)) return
    taken.add(port)
    const first = guess.type === 'ui' && !found.some(({ type }) => type === 'ui')
    const id = unique(
      first ? 'ui' : idOf(`${carried.plan.name}-${guess.type === 'ui' ? 'ui' : guess.name}`),
      ids,
    )
    const { title, name: part } = carried.plan
    const page = guess.type === 'ui'
    const name = first
      ? 'Web interface'
      : `${title}: ${page ? 'web interface' : guess.name}${guess.kind === 'https' ? ' (HTTPS)' : ''}`
    const description = page
      ? `The web interface of ${first ? serviceTitle : title}`
      : `Port ${port} of ${part}`
    found.push({ service: carried.plan.name, port, ...guess, id, name, description, externalPort, path: '' })
  }
  for (const carried of pagesFirst(all)) {
    const { plan, published, hint, context } = carried
    for (const one of published) {
      if (one.last - one.first >= MAX_RANGE) {
        context.list(
          'problem',
          ['ports', one.index],
          `A range of ${one.last - one.first + 1} ports is not opened. Add it to startos/interfaces.ts with bindPortRange where the server can open ranges.`,
        )
        continue
      }
      if (plan.infrastructure && isLoopback(one)) {
        context.list(
          'left',
          ['ports', one.index],
          'Only the machine itself could reach this port; here only the other parts of the service can.',
        )
        continue
      }
      if (isLoopback(one))
        context.list(
          'changed',
          ['ports', one.index],
          'Only the machine itself could reach this port; here it is an interface, which the owner can switch off.',
        )
      if (one.protocol === 'udp')
        context.list(
          'changed',
          ['ports', one.index],
          'UDP: the port is offered like others, and reached where the server forwards UDP.',
        )
      for (let port = one.first; port <= one.last; port++) {
        add(
          carried,
          port,
          guess(carried, one, port),
          one.published === null ? port : one.published + port - one.first,
        )
      }
    }
    const page = hint ? (hint.port ?? plan.ports[0]?.port ?? knownImage(plan.imageRef).page) : null
    if (page) add(carried, page, { kind: 'http', type: 'ui', name: 'Web interface' }, page)
    const onHost = context.service.network_mode === 'host' && published.length === 0
    const known = onHost
      ? (knownImage(plan.imageRef).page ?? (plan.health ? portOf(plan.health) : undefined))
      : null
    if (known) add(carried, known, { kind: 'http', type: 'ui', name: 'Web interface' }, known)
    else if (onHost)
      context.list(
        'problem',
        ['network_mode'],
        'Which port the service listens on is not known. Add its interface to startos/interfaces.ts.',
      )
  }
  return found
}

/** The service that people open comes first, so that its page has the short name. */
function pagesFirst(all: readonly Carried[]): Carried[] {
  const rank = ({ plan, hint }: Carried) => (hint || isProxy(plan.imageRef) ? 0 : plan.infrastructure ? 2 : 1)
  return all.toSorted((a, b) => rank(a) - rank(b))
}

function guess(carried: Carried, { protocol, application, name }: PublishedPort, port: number): Guess {
  const { plan, hint, published } = carried
  if (protocol === 'udp') return WELL_KNOWN[port] ?? { kind: 'raw', type: 'p2p', name: `Port ${port}` }
  const known = knownImage(plan.imageRef)
  const checked = plan.health === null ? undefined : portOf(plan.health)
  const page = { kind: 'http', type: 'ui', name: 'Web interface' } as const
  if (application === 'https') return { ...page, kind: 'https' }
  if (application?.startsWith('http') || hint?.port === port || known.page === port) return page
  const named = WELL_KNOWN[port]
  if (named) return named
  if (plan.infrastructure)
    return { kind: 'raw', type: 'api', name: name === null ? `Port ${port}` : capital(name) }
  if (PAGES_WITH_TLS.test(String(port))) return { ...page, kind: 'https' }
  // Both ways on one port is how programs talk to their like, not how pages are served.
  const alsoUdp = published.some((one) => one.protocol === 'udp' && one.first <= port && port <= one.last)
  if (alsoUdp) return { kind: 'raw', type: 'p2p', name: `Port ${port}` }
  if (PAGES.test(String(port)) || checked === port) return page
  if (known.page === null && !hint?.port && port === onlyCandidate(published)) return page
  return { kind: 'raw', type: 'api', name: name === null ? `Port ${port}` : capital(name) }
}

/** The first TCP port of a service of which no port looks like a page. */
function onlyCandidate(published: readonly PublishedPort[]): number | undefined {
  const tcp = published.filter(({ protocol }) => protocol === 'tcp').map(({ first }) => first)
  return tcp.some((port) => PAGES.test(String(port)) || PAGES_WITH_TLS.test(String(port)))
    ? undefined
    : tcp[0]
}

function isLoopback({ hostIp }: PublishedPort): boolean {
  return hostIp !== null && (/^127\./.test(hostIp) || hostIp === '::1' || hostIp === 'localhost')
}
