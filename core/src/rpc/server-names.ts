import { isIP } from 'node:net'
import { hostname, networkInterfaces } from 'node:os'
import { isLoopback } from './client-address.ts'
import { machineNames, resolverSettings } from './request-origin.ts'

/**
 * Names that a request to this server may have been signed for. `own` are those that it was given; the name that
 * the client asked for counts beside them where it is really ours: a number address of this machine, or a name
 * that its network gives it. “localhost” is every machine, so it counts only from this one.
 */
export function signedNames(own: readonly string[], asked: string | null, address: string): string[] {
  if (asked === null || own.includes(asked)) return [...new Set([asked ?? '', ...own])].filter(Boolean)
  const ours =
    isIP(asked) !== 0
      ? isOwnAddress(asked, address)
      : asked === 'localhost'
        ? isLoopback(address)
        : machineNames(hostname(), resolverSettings()).includes(asked)
  return ours ? [isIP(asked) === 6 ? `[${asked}]` : asked, ...own] : [...own]
}

function isOwnAddress(asked: string, from: string): boolean {
  if (isLoopback(asked)) return isLoopback(from)
  return Object.values(networkInterfaces()).some((addresses) =>
    addresses?.some((own) => own.address === asked),
  )
}
