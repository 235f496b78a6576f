import { type KnownImage, knownImage } from '../known-images.ts'
import type { HealthPlan, ServicePlan } from '../model.ts'
import { idOf, identifierOf, labelOf } from '../names.ts'
import { milliseconds } from '../source/quantities.ts'
import { carryCommand } from './command.ts'
import type { ServiceContext } from './context.ts'
import { RESTART, carryDeploy } from './deploy.ts'
import { carryDevices } from './devices.ts'
import { carryEnvironment } from './environment.ts'
import { carryFiles } from './files.ts'
import { carryHealth } from './health.ts'
import { carryImage } from './image.ts'
import { type ProxyHint, carryLabels } from './labels.ts'
import { carryNames } from './names.ts'
import { type PublishedPort, carryPorts } from './ports.ts'
import { listUncarried } from './uncarried.ts'
import { carryVolumes } from './volumes.ts'

/** A service carried over, with what interfaces and port clashes are worked out from. */
export interface Carried {
  context: ServiceContext
  plan: ServicePlan
  published: PublishedPort[]
  hint: ProxyHint | null
}

/** The first half, for all services before the second: passwords that are spelled out in variables. */
export async function carryBasics(context: ServiceContext) {
  const image = await carryImage(context)
  const known = knownImage(image.reference)
  const environment = await carryEnvironment(context, known.infrastructure)
  return { context, image, known, environment }
}
export type Basics = Awaited<ReturnType<typeof carryBasics>>

/** The second half: everything else of a service. Every key is used, or listed with what it means. */
export async function carryService(
  { context, image, known, environment }: Basics,
  oneshot: boolean,
): Promise<Carried> {
  const { service, name } = context
  const command = carryCommand(context)
  const granted = await carryFiles(context)
  const mounts = [...(await carryVolumes(context, image.id)), ...granted.mounts]
  const published = carryPorts(context)
  const hint = carryLabels(context)
  const health = carryHealth(context)
  carryNames(context)
  carryDevices(context)
  carryDeploy(context)
  carryRestart(context, oneshot)
  carryNetworkMode(context)
  const plan: ServicePlan = {
    name,
    id: idOf(name),
    title: known.known ? known.title : labelOf(name),
    identifier: identifierOf(name),
    image: image.id,
    imageRef: image.reference,
    infrastructure: known.infrastructure,
    oneshot,
    command,
    workdir: fixedOrNull(context, 'working_dir'),
    user: fixedOrNull(context, 'user'),
    environment,
    mounts,
    files: granted.files,
    ports: listening(context, published, hint, health, known),
    health: oneshot ? null : health,
    requires: [],
    stopTimeout: stopTimeout(context),
  }
  if (service.init !== undefined) context.use('init')
  if (service.profiles) context.use('profiles')
  for (const [other, dependency] of service.depends_on ?? [])
    context.useKeys(['depends_on', other], dependency, ['condition', 'required', 'restart'])
  if (Array.isArray(context.raw['depends_on'])) context.use('depends_on')
  context.useKeys(['extends'], context.raw['extends'], ['service', 'file'])
  listUncarried(context)
  return { context, plan, published, hint }
}

function fixedOrNull(context: ServiceContext, key: 'working_dir' | 'user'): string | null {
  const given = context.service[key]
  if (given === undefined) return null
  context.use(key)
  return context.fixed([key], given)
}

function carryRestart(context: ServiceContext, oneshot: boolean): void {
  const { restart } = context.service
  if (restart === undefined) return
  const policy = context.fixed(['restart'], restart === 'false' ? 'no' : restart)
  if (!/^(no|always|unless-stopped|on-failure(:\d+)?)$/.test(policy)) {
    const what = `“${policy}” is not a restart policy; use no, always, on-failure or unless-stopped`
    throw context.conversion.document.error('Deserialization', context.path('restart'), what)
  }
  if (oneshot && policy === 'no')
    context.list(
      'changed',
      ['restart'],
      'It runs once at every start of the service, and again when it fails.',
    )
  else if (oneshot || /^(always|unless-stopped|on-failure)$/.test(policy)) context.use('restart')
  else context.list('changed', ['restart'], RESTART)
}

function carryNetworkMode(context: ServiceContext): void {
  const { network_mode: mode } = context.service
  if (mode === undefined) return
  if (mode === 'host')
    context.list(
      'problem',
      ['network_mode'],
      'The service has a network of its own instead of the host’s. Its page is reached as always, but it cannot find devices in your home network by itself (mDNS, UPnP, broadcasts): give their addresses by hand.',
    )
  else if (mode === 'none')
    context.list('left', ['network_mode'], 'The service shares the network of the other parts.')
  else if (mode.startsWith('container:'))
    context.list('problem', ['network_mode'], 'Containers outside of this file cannot be reached.')
  else context.use('network_mode')
}

function stopTimeout(context: ServiceContext): number | null {
  const { stop_grace_period: grace, stop_signal: signal } = context.service
  if (signal !== undefined) {
    if (/^(SIG)?TERM$|^15$/.test(signal)) context.use('stop_signal')
    else
      context.list(
        'left',
        ['stop_signal'],
        `The service is asked to stop with SIGTERM, not with ${signal}. Most programs take it as well.`,
      )
  }
  if (grace === undefined) return null
  context.use('stop_grace_period')
  const found = milliseconds(context.fixed(['stop_grace_period'], grace))
  if (found === null)
    throw context.conversion.document.error(
      'Deserialization',
      context.path('stop_grace_period'),
      `“${grace}” is not a duration such as 30s or 1m30s`,
    )
  return found
}

/** Every port on which the service probably listens: all of them are in one network. */
function listening(
  context: ServiceContext,
  published: PublishedPort[],
  hint: ProxyHint | null,
  health: HealthPlan | null,
  { ports: usual, infrastructure }: KnownImage,
): ServicePlan['ports'] {
  const ports = new Map<string, { port: number; udp: boolean }>()
  const add = (port: number, udp = false) => ports.set(`${port} ${udp}`, { port, udp })
  for (const { first, last, protocol } of published)
    for (let port = first; port <= last && port < first + 16; port++) add(port, protocol === 'udp')
  for (const given of context.service.expose ?? []) {
    const [, from, protocol] = /^(\d+)(?:-\d+)?(?:\/(tcp|udp))?$/.exec(context.fixed(['expose'], given)) ?? []
    if (from === undefined)
      throw context.conversion.document.error(
        'Deserialization',
        context.path('expose'),
        `“${given}” is not a port`,
      )
    add(Number(from), protocol === 'udp')
  }
  if (context.service.expose) context.use('expose')
  if (hint?.port) add(hint.port)
  const checked = health === null ? undefined : portOf(health)
  if (checked !== undefined) add(checked)
  // An application that is told to run something else, such as a worker, does not listen.
  const asUsual =
    context.service.entrypoint === undefined && (infrastructure || context.service.command === undefined)
  const moved = infrastructure ? movedPort(context) : null
  if (moved !== null) add(moved)
  else if (ports.size === 0 && asUsual) for (const port of usual) add(port)
  return [...ports.values()]
}

/** A database or the like that is told to listen elsewhere. */
function movedPort({ service }: ServiceContext): number | null {
  const command = [service.command ?? []].flat().join(' ')
  const given =
    service.environment?.get('PGPORT') ??
    service.environment?.get('MYSQL_TCP_PORT') ??
    /(?:^|\s)(?:--port|-p)[=\s](\d{1,5})(?:\s|$)/.exec(command)?.[1]
  return Number(given) || null
}

/** The port that a health check asks, when it asks one by its address. */
export function portOf({ command }: HealthPlan): number | undefined {
  const text = JSON.stringify(command)
  const [, scheme, port] =
    /(https?):\/\/(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])(?::(\d{1,5}))?/.exec(text) ?? []
  if (scheme === undefined) return undefined
  return port === undefined ? (scheme === 'https' ? 443 : 80) : Number(port)
}
