import { readFileSync } from 'node:fs'

/** What the server spends on clients before it knows them. Times in milliseconds. */
export interface HttpLimits {
  /** Until the headers of a request, or of the first one of a connection, must be there. */
  readonly headersWithin: number
  /** Until the body of a call must be there. */
  readonly bodyWithin: { readonly anonymous: number; readonly known: number }
  /** Largest body of a call. A stranger gets little memory; a login may send a large settings tree. */
  readonly bodyBytes: { readonly anonymous: number; readonly known: number }
  /** Bytes of all calls together that are still arriving. */
  readonly bodyBytesAltogether: { readonly anonymous: number; readonly known: number }
  readonly connections: {
    readonly altogether: number
    /** An address, or a /64 of IPv6. */
    readonly perClient: number
    /** From this machine itself, where programs pass on what they get from others. */
    readonly fromHere: number
  }
}

const MIB = 1024 * 1024
const MOST_CONNECTIONS = 8192

export const HTTP_LIMITS: HttpLimits = {
  headersWithin: 15_000,
  bodyWithin: { anonymous: 20_000, known: 600_000 },
  bodyBytes: { anonymous: 256 * 1024, known: 32 * MIB },
  bodyBytesAltogether: { anonymous: 64 * MIB, known: 512 * MIB },
  connections: {
    // The rest is for files, services and the connections of our own.
    altogether: Math.min(MOST_CONNECTIONS, Math.floor(openFiles() * 0.6)),
    perClient: 256,
    fromHere: 4096,
  },
}

/** Files and connections that this process may have open (proc_pid_limits(5)); Node has raised it as far as it can. */
function openFiles(): number {
  try {
    const found = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]
    return found === undefined ? MOST_CONNECTIONS * 2 : Number(found)
  } catch {
    return 1024
  }
}
