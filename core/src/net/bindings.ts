import type { EffectParams } from '@startd/base/effects.ts'
import { CodedError } from '@startd/base/errors.ts'
import type { BindInfo, Host } from '@startd/base/model.ts'
import { assignPorts, freePort, freeRange, type PortTable } from './ports.ts'

/*
 * Changes to the hosts of one package, on a draft of the database (effects.md §11). They keep ports
 * and a person's choices; addresses are derived afterwards.
 */

type Hosts = Record<string, Host>

const own = <V>(map: Record<string, V>, key: string): V | undefined =>
  Object.hasOwn(map, key) ? map[key] : undefined

const newHost = (): Host => ({
  bindings: {},
  bindingRanges: {},
  publicDomains: {},
  privateDomains: {},
  portForwards: [],
})

/** Creates or updates a binding and switches it on. */
export function bind(hosts: Hosts, table: PortTable, params: EffectParams<'bind'>): void {
  const { id, internalPort, preferredExternalPort, addSsl, secure } = params
  const options = { preferredExternalPort, addSsl, secure }
  const known = own(hosts, id)
  const host = known ?? (hosts[id] = newHost())
  const before = own(host.bindings, String(internalPort))
  host.bindings[String(internalPort)] = {
    enabled: true,
    options,
    net: assignPorts(table, options, before?.net),
    addresses: before?.addresses ?? { enabled: [], disabled: [], guaAccess: {}, available: [] },
    interfaces: before?.interfaces ?? {},
  }
}

/** Switches off every binding and range that is not listed; ports stay reserved. */
export function clearBindings(hosts: Hosts, except: EffectParams<'clear-bindings'>['except']): void {
  const kept = new Set(except.map(({ id, internalPort }) => `${id} ${internalPort}`))
  for (const [id, host] of Object.entries(hosts)) {
    for (const [port, binding] of Object.entries(host.bindings)) {
      if (!kept.has(`${id} ${port}`)) binding.enabled = false
    }
    for (const [port, range] of Object.entries(host.bindingRanges)) {
      if (!kept.has(`${id} ${port}`)) range.enabled = false
    }
  }
}

/** Puts an interface on the binding that it names; throws NotFound before that was bound. */
export function exportInterface(hosts: Hosts, params: EffectParams<'export-service-interface'>): void {
  const { hostId, internalPort } = params.addressInfo
  const binding = own(own(hosts, hostId)?.bindings ?? {}, String(internalPort))
  if (!binding) {
    throw new CodedError(
      'NotFound',
      `port ${internalPort} of host “${hostId}” must be bound before its interface`,
    )
  }
  for (const other of bindingsOf(hosts)) if (other !== binding) delete other.interfaces[params.id]
  binding.interfaces[params.id] = params
}

export function clearInterfaces(hosts: Hosts, except: readonly string[]): void {
  const kept = new Set(except)
  for (const binding of bindingsOf(hosts)) {
    for (const id of Object.keys(binding.interfaces)) if (!kept.has(id)) delete binding.interfaces[id]
  }
  for (const host of Object.values(hosts)) {
    for (const range of Object.values(host.bindingRanges)) {
      if (range.interface && !kept.has(range.interface.id)) range.interface = null
    }
  }
}

/** Gives all ports of a package back, when it is uninstalled. */
export function freePorts(hosts: Hosts, table: PortTable): void {
  for (const { net } of bindingsOf(hosts)) {
    freePort(table, net.assignedPort)
    freePort(table, net.assignedSslPort)
  }
  for (const host of Object.values(hosts)) {
    for (const range of Object.values(host.bindingRanges)) {
      freeRange(table, range.externalStartPort, range.numberOfPorts)
    }
  }
}

const bindingsOf = (hosts: Hosts): BindInfo[] =>
  Object.values(hosts).flatMap((host) => Object.values(host.bindings))
