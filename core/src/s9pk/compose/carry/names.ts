import type { ServiceContext } from './context.ts'

/** Every name under which other services may call this one. They all end up in `/etc/hosts`. */
export function carryNames(context: ServiceContext): void {
  const { service, conversion } = context
  const add = (name: string) => conversion.aliases.add(name)
  if (service.container_name !== undefined) add(context.fixed(['container_name'], service.container_name))
  if (service.hostname !== undefined) add(context.fixed(['hostname'], service.hostname))
  for (const key of ['container_name', 'hostname'] as const) if (service[key] !== undefined) context.use(key)
  for (const link of service.links ?? []) {
    const alias = link.split(':')[1]
    if (alias !== undefined) add(alias)
  }
  if (service.links) context.use('links')
  carryNetworks(context)
  for (const [name, address] of service.extra_hosts ?? []) {
    // The list form may also have a colon: `name:address`.
    const [host = '', where = ''] =
      address === null
        ? [name.slice(0, name.indexOf(':')), name.slice(name.indexOf(':') + 1)]
        : [name, address]
    conversion.extraHosts.set(host, context.fixed(['extra_hosts'], where).replaceAll(/[[\]]/g, ''))
  }
  if (service.extra_hosts) context.use('extra_hosts')
}

function carryNetworks(context: ServiceContext): void {
  const { networks } = context.service
  if (networks === undefined) return
  context.use('networks')
  for (const [name, network] of Object.entries(networks)) {
    for (const alias of network?.aliases ?? []) context.conversion.aliases.add(alias)
    for (const key of Object.keys(network ?? {})) {
      if (key === 'aliases' || key.startsWith('x-')) continue
      context.list(
        'left',
        ['networks', name, key],
        'All parts of the service share one network; addresses of their own are not needed.',
      )
    }
  }
}
