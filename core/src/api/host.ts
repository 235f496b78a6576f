import { CodedError } from '@startd/base/errors.ts'
import type { Host } from '@startd/base/model.ts'
import type { HostAddress } from '@startd/base/rpc/host.ts'
import type { ServerDb } from '../db/index.ts'
import type { Handlers } from '../rpc/handlers.ts'
import { findEntry, own } from '../service/model.ts'

/** Names and ports of the server's own pages and of services (rpc-methods.md §3.2, §3.3). */
export function hostHandlers(db: ServerDb) {
  const server = () => db.peek().public.serverInfo.network.host
  const hostsOf = (id: string) => {
    const entry = findEntry(db.peek(), id)
    if (!entry) throw new CodedError('NotFound', `No service is called ${id}`)
    return entry.hosts
  }
  const hostOf = (id: string, name: string) => {
    const host = own(hostsOf(id), name)
    if (!host) throw new CodedError('NotFound', `${id} has no host that is called ${name}`)
    return host
  }
  return {
    'server.host.address.list': () => domains(server()),
    'server.host.binding.list': () => server().bindings,
    'package.host.list': ({ package: id }) => Object.keys(hostsOf(id)),
    'package.host.address.list': ({ package: id, host }) => domains(hostOf(id, host)),
    'package.host.binding.list': ({ package: id, host }) => hostOf(id, host).bindings,
  } satisfies Handlers
}

/** A name may be public and private at once. */
function domains({ publicDomains, privateDomains }: Host): HostAddress[] {
  const names = new Set([...Object.keys(publicDomains), ...Object.keys(privateDomains)])
  return [...names].sort().map((address) => ({
    address,
    public: publicDomains[address] ?? null,
    private: privateDomains[address] ?? null,
  }))
}
