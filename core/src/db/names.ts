import { CodedError } from '@startd/base/errors.ts'
import { hostnameFor, nameFor } from './seed.ts'

/** A server's name for people and its name on the network. */
export interface ServerNames {
  name: string
  hostname: string
}

/** One label of a network name (RFC 1123): letters, digits, dashes inside, at most 63. */
const HOSTNAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/

/** Both names from what was given of them; the missing one follows from the other. */
export function namesFrom(name: string | null, hostname: string | null): ServerNames {
  const given = name?.trim() ?? ''
  const chosen = hostname?.trim() || hostnameFor(given)
  return { name: given || nameFor(chosen), hostname: checkHostname(chosen) }
}

/** Throws InvalidRequest for what is no network name. */
export function checkHostname(hostname: string): string {
  if (HOSTNAME.test(hostname)) return hostname
  throw new CodedError(
    'InvalidRequest',
    `“${hostname.slice(0, 80)}” is not a network name. Use 1 to 63 of a-z, 0-9 and dashes, with no dash at either end.`,
  )
}
