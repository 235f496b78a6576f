import type { ComposeDocument } from './source/document.ts'
import type { Service } from './schema/service.ts'

/** Services in the order in which they start, each with those that it waits for. */
export interface Order {
  names: string[]
  requires: Map<string, string[]>
  /** Those that have to end with success before others start. */
  oneshots: Set<string>
}

/** Works out the order. Throws when services wait for each other in a circle, or for one that is not there. */
export function orderOf(
  document: ComposeDocument,
  services: ReadonlyMap<string, Service>,
  inactive: ReadonlySet<string>,
): Order {
  const requires = new Map<string, string[]>()
  const oneshots = new Set<string>()
  for (const [name, service] of services) {
    const needed = new Set<string>()
    const need = (other: string, key: string, required = true) => {
      if (services.has(other)) needed.add(other)
      else if (required) {
        const what = inactive.has(other)
          ? `“${other}” only runs with a profile; convert with --profile`
          : `there is no service “${other}”`
        throw document.error(
          'NotFound',
          ['services', name, key, ...(key === 'depends_on' ? [other] : [])],
          what,
        )
      }
    }
    for (const [other, { condition, required }] of service.depends_on ?? []) {
      need(other, 'depends_on', required)
      if (condition === 'service_completed_successfully') oneshots.add(other)
    }
    for (const link of service.links ?? []) need(link.split(':')[0] ?? '', 'links')
    const shared = /^service:(.+)$/.exec(service.network_mode ?? '')?.[1]
    if (shared !== undefined) need(shared, 'network_mode')
    requires.set(name, [...needed])
  }
  const waitedFor = new Set([...requires.values()].flat())
  for (const [name, service] of services)
    if (!waitedFor.has(name) && endsByItself(service)) oneshots.add(name)
  return { names: sorted(document, requires), requires, oneshots }
}

/** A service that nobody talks to or waits for, and that is not started again when it ends well. */
function endsByItself({ restart, ports, expose, healthcheck }: Service): boolean {
  const ends = restart === 'no' || restart === 'false' || (restart?.startsWith('on-failure') ?? false)
  return ends && !ports && !expose && !healthcheck
}

function sorted(document: ComposeDocument, requires: ReadonlyMap<string, string[]>): string[] {
  const done = new Set<string>()
  const visit = (name: string, way: readonly string[]): void => {
    if (done.has(name)) return
    if (way.includes(name)) {
      const round = [...way.slice(way.indexOf(name)), name].join(' → ')
      throw document.error(
        'InvalidRequest',
        ['services', name, 'depends_on'],
        `services wait for each other in a circle: ${round}`,
      )
    }
    for (const other of requires.get(name) ?? []) visit(other, [...way, name])
    done.add(name)
  }
  for (const name of requires.keys()) visit(name, [])
  return [...done]
}
