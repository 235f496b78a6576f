import { type Basics, type Carried, carryBasics, carryService } from './carry/index.ts'
import { ServiceContext } from './carry/context.ts'
import { listClashes } from './clashes.ts'
import { Conversion } from './conversion.ts'
import { interfacesOf } from './interfaces.ts'
import { isProxy, tagOf } from './known-images.ts'
import type { InterfacePlan, ProjectPlan, ServicePlan } from './model.ts'
import { labelOf, unique } from './names.ts'
import { orderOf } from './order.ts'
import { parsePart } from './schema/parse.ts'
import { Service } from './schema/service.ts'
import type { Loaded } from './source/load.ts'
import { isRecord } from './source/plain.ts'

export interface ConvertOptions {
  id: string
  title: string | null
  version: string | null
  profiles: readonly string[]
  localImages: ReadonlyMap<string, string>
}

/** Makes the plan of a package out of a compose file. Everything that is not simply carried is in the ledger. */
export async function convert(
  loaded: Loaded,
  options: ConvertOptions,
): Promise<{ plan: ProjectPlan; conversion: Conversion }> {
  const { document } = loaded
  const { active, inactive } = activeServices(loaded, options.profiles)
  const conversion = new Conversion(options.id, loaded, active.keys(), options.localImages)
  for (const name of inactive)
    conversion.ledger.list(
      'left',
      ['services', name],
      'It only runs with a profile, so it is not in the package. Convert with --profile to have it.',
    )
  if (loaded.example !== null)
    conversion.ledger.note('changed', `There is no .env; ${loaded.example} is taken in its place.`)
  const order = orderOf(document, active, inactive)
  const basics: Basics[] = []
  for (const name of order.names) {
    const service = active.get(name)
    if (service) basics.push(await carryBasics(new ServiceContext(conversion, name, service)))
  }
  const carried: Carried[] = []
  for (const basic of basics) carried.push(await carryService(basic, order.oneshots.has(basic.context.name)))
  nameUniquely(carried)
  nameDistinctly(carried)
  const ids = new Map(carried.map(({ plan }) => [plan.name, plan.id]))
  for (const { plan } of carried)
    plan.requires = (order.requires.get(plan.name) ?? []).flatMap((name) => ids.get(name) ?? [])
  listClashes(carried)
  const interfaces = interfacesOf(carried, options.title ?? labelOf(options.id))
  carryTop(conversion)
  listUnknown(conversion)
  return { plan: projectPlan(conversion, carried, interfaces, options), conversion }
}

function activeServices({ document, services }: Loaded, profiles: readonly string[]) {
  const active = new Map<string, Service>()
  const inactive = new Set<string>()
  for (const [name, raw] of services) {
    const service = parsePart(document, ['services', name], Service, raw)
    const wanted =
      !service.profiles?.length ||
      service.profiles.some((one) => profiles.includes(one) || profiles.includes('*'))
    if (wanted) active.set(name, service)
    else inactive.add(name)
  }
  if (active.size === 0) {
    const what = 'all services need a profile; name one with --profile'
    throw document.error('InvalidRequest', ['services'], what)
  }
  return { active, inactive }
}

function projectPlan(
  conversion: Conversion,
  carried: readonly Carried[],
  interfaces: ProjectPlan['interfaces'],
  options: ConvertOptions,
): ProjectPlan {
  const services = carried.map(({ plan }) => plan)
  const main = mainService(services, interfaces)
  const volumes = [...conversion.volumeIds]
  return {
    id: conversion.id,
    title: options.title ?? labelOf(conversion.id),
    version: options.version ?? versionOf(main?.imageRef ?? ''),
    mainImage: main?.imageRef ?? '',
    images: [...conversion.images.values()],
    volumes,
    settingsVolume: unique('settings', new Set(volumes)),
    notBackedUp: volumes.filter((id) => /(^|-)(cache|tmp|temp|transcodes?)(-|$)/.test(id)),
    fills: conversion.fills,
    services,
    settings: conversion.settings.list,
    interfaces,
    names: [...new Set([...services.map(({ name }) => name), ...conversion.aliases])],
    extraHosts: conversion.extraHosts,
    sysctls: conversion.sysctls,
    ...conversion.devices,
  }
}

/** Two parts of the same image, such as a server and its worker, are told apart by their names. */
function nameDistinctly(carried: readonly Carried[]): void {
  const titles = carried.map(({ plan }) => plan.title)
  for (const { plan } of carried)
    if (titles.filter((title) => title === plan.title).length > 1) plan.title = labelOf(plan.name)
}

/** `db_1` and `db-1` would have the same id. */
function nameUniquely(carried: readonly Carried[]): void {
  const ids = new Set<string>()
  const identifiers = new Set<string>()
  for (const { plan } of carried) {
    plan.id = unique(plan.id, ids)
    plan.identifier = unique(plan.identifier, identifiers, '')
  }
}

/** The application itself: what people open, or what stands behind the web server that they open. */
function mainService(
  services: readonly ServicePlan[],
  interfaces: readonly InterfacePlan[],
): ServicePlan | undefined {
  const applications = services.filter(
    ({ infrastructure, imageRef }) => !infrastructure && !isProxy(imageRef),
  )
  const front = interfaces.find(({ type }) => type === 'ui')?.service
  return applications.find(({ name }) => name === front) ?? applications[0] ?? services[0]
}

/** `2.4.1-alpine` → `2.4.1:0`; a package of an image without a number begins at 0.1.0. */
function versionOf(reference: string): string {
  const numbers = /^v?(\d{1,9}(?:\.\d{1,9})*)/.exec(tagOf(reference) ?? '')?.[1]
  return `${numbers ?? '0.1.0'}:0`
}

/** The parts of the file besides services. */
function carryTop({ ledger, file }: Conversion): void {
  for (const key of ['version', 'name']) ledger.use([key])
  for (const key of Object.keys(file)) if (key.startsWith('x-')) ledger.use([key])
  for (const [name, network] of Object.entries(file.networks ?? {})) {
    const path = ['networks', name]
    if (network !== null && !(isRecord(network) && Object.keys(network).every((key) => key.startsWith('x-'))))
      ledger.list(
        'none',
        path,
        'All parts of the service are in one network of their own, which nothing else shares.',
      )
    else ledger.use(path)
  }
  for (const [name, volume] of Object.entries(file.volumes ?? {})) {
    const path = ['volumes', name]
    for (const key of Object.keys(volume ?? {})) {
      const plain = ['external', 'name'].includes(key) || (key === 'driver' && volume?.[key] === 'local')
      if (plain || key.startsWith('x-')) ledger.use([...path, key])
      else
        ledger.list(
          key.startsWith('driver') ? 'problem' : 'none',
          [...path, key],
          VOLUME_KEYS[key] ?? 'Volumes here have no such property.',
        )
    }
    if (Object.keys(volume ?? {}).length === 0) ledger.use(path)
  }
  for (const key of ['configs', 'secrets'] as const) {
    for (const name of Object.keys(file[key] ?? {}))
      if (!ledger.isCovered([key, name])) ledger.list('none', [key, name], 'No service uses it.')
  }
  if (file['models'] !== undefined)
    ledger.list('problem', ['models'], 'Language models are not provided by the server.')
  for (const key of ['volumes', 'networks', 'configs', 'secrets'] as const)
    if (file[key] === null) ledger.use([key])
}

const VOLUME_KEYS: Record<string, string> = {
  driver:
    'Volumes are directories of the server; drivers for other storage are not used. Data that lies elsewhere has to be copied in.',
  driver_opts:
    'Volumes are directories of the server; drivers for other storage are not used. Data that lies elsewhere has to be copied in.',
}

/** Whatever is left over by now is no key of compose files, or one that is newer than this program. */
function listUnknown({ ledger, document }: Conversion): void {
  for (const path of ledger.uncovered(document.value))
    ledger.list(
      'problem',
      path,
      'This key is not known. Look whether it is spelled as it should be; it is not in the package.',
    )
}
