import { randomInt } from 'node:crypto'
import { CodedError } from '@startd/base/errors.ts'
import type { BindInfo, BindOptions } from '@startd/base/model.ts'

/** Ports that packages never get, besides the privileged ones: mDNS, LLMNR, PostgreSQL, X11 forwarding, Tor. */
const RESTRICTED = new Set([5353, 5355, 5432, 6010, 9050, 9051])
const HIGHEST_PRIVILEGED = 1024
/** The dynamic range of RFC 6335 §6. */
const DYNAMIC = { first: 49152, last: 65534 }
const TRIES = 1000

/** Which ports are taken, and whether each carries TLS: `private.availablePorts` of the database. */
export type PortTable = Record<string, boolean>

export const isRestricted = (port: number): boolean => port <= HIGHEST_PRIVILEGED || RESTRICTED.has(port)

/** Takes the preferred port, or a random dynamic one where that is taken or not for packages. */
export function allocatePort(table: PortTable, preferred: number, ssl: boolean): number {
  const free = (port: number) => !Object.hasOwn(table, port)
  let port = preferred
  if (isRestricted(port) || !free(port)) {
    let tries = TRIES
    do {
      if (tries-- === 0) throw new CodedError('Network', 'no dynamic ports available')
      port = randomInt(DYNAMIC.first, DYNAMIC.last + 1)
    } while (!free(port))
  }
  table[String(port)] = ssl
  return port
}

/** Takes another port in place of one that a foreign program of this machine holds. */
export function replacePort(table: PortTable, port: number, ssl: boolean): number {
  const other = allocatePort(table, 0, ssl)
  freePort(table, port)
  return other
}

export function freePort(table: PortTable, port: number | null): void {
  if (port !== null) delete table[String(port)]
}

/** The external ports of a binding with these options; assigned ones are kept while still wanted (effects.md §11.1). */
export function assignPorts(
  table: PortTable,
  options: BindOptions,
  assigned: BindInfo['net'] = { assignedPort: null, assignedSslPort: null },
): BindInfo['net'] {
  const wantsPlain = !(options.secure?.ssl === true && options.addSsl !== null)
  const keep = (port: number | null, wanted: boolean) => {
    if (wanted) return port
    freePort(table, port)
    return null
  }
  const plain = keep(assigned.assignedPort, wantsPlain)
  const ssl = keep(assigned.assignedSslPort, options.addSsl !== null)
  return {
    assignedPort: wantsPlain ? (plain ?? allocatePort(table, options.preferredExternalPort, false)) : null,
    assignedSslPort: options.addSsl
      ? (ssl ?? allocatePort(table, options.addSsl.preferredExternalPort, true))
      : null,
  }
}

export function freeRange(table: PortTable, first: number, count: number): void {
  for (let port = first; port < first + count; port++) freePort(table, port)
}
