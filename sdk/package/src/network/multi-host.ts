import type { Effects } from '../effects.ts'
import { Origin, RangeOrigin } from './origin.ts'
import { KNOWN_PROTOCOLS, type Protocol } from './protocols.ts'

type Absent<T> = T | null | undefined

export type ProxyAuth =
  | { type: 'bearer'; tokens: string[]; realm?: Absent<string> }
  | { type: 'basic'; credentials: { username: string; password: string }[]; realm?: Absent<string> }

/** TLS that the server adds in front of a plain port. */
export interface AddSslOptions {
  preferredExternalPort: number
  addXForwardedHeaders: boolean
  alpn: 'reflect' | { specified: string[] } | null
  auth: ProxyAuth | null
  scheme?: string | null
  upstreamCertValidation?: 'disable' | { certificate: string }
}

export type BindOptionsByProtocol =
  | {
      protocol: Protocol
      preferredExternalPort?: number | undefined
      addSsl?: Partial<AddSslOptions> | undefined
      /** Not even where the protocol has a form inside TLS. */
      noAddSsl?: boolean | undefined
    }
  | {
      protocol: null
      preferredExternalPort: number
      addSsl: AddSslOptions | null
      secure: { ssl: boolean } | null
    }

export interface RangeOptions {
  internalStartPort: number
  externalStartPort: number
  numberOfPorts: number
}

const MAX_RANGE = 500

/** A name under which ports of a package are reached; what it is called outside is the user's choice. */
export class MultiHost {
  readonly effects: Effects
  readonly id: string

  constructor(effects: Effects, id: string) {
    this.effects = effects
    this.id = id
  }

  static of(effects: Effects, id: string): MultiHost {
    return new MultiHost(effects, id)
  }

  /** Opens a port of the service's container to the outside. */
  async bindPort(internalPort: number, options: BindOptionsByProtocol): Promise<Origin> {
    const place = { effects: this.effects, hostId: this.id, internalPort }
    const where = { id: this.id, internalPort }
    if (options.protocol === null) {
      await this.effects.bind({ ...where, ...options })
      return new Origin({ ...place, scheme: null, sslScheme: null })
    }
    const known = KNOWN_PROTOCOLS[options.protocol]
    const sslScheme = options.noAddSsl ? null : known.withSsl
    await this.effects.bind({
      ...where,
      preferredExternalPort: options.preferredExternalPort ?? known.defaultPort,
      addSsl: addSsl(options.protocol, sslScheme, options.addSsl),
      secure: known.secure,
    })
    return new Origin({ ...place, scheme: options.protocol, sslScheme })
  }

  /** Opens neighbouring ports at once; outside they keep their order. */
  async bindPortRange(options: RangeOptions): Promise<RangeOrigin> {
    checkRange(options)
    await this.effects.bindRange({ id: this.id, ...options })
    return new RangeOrigin(this.effects, this.id, options.internalStartPort)
  }
}

function addSsl(
  protocol: Protocol,
  scheme: Protocol | null,
  options: Partial<AddSslOptions> | undefined,
): AddSslOptions | null {
  if (scheme) {
    const { addXForwardedHeaders, alpn } = KNOWN_PROTOCOLS[protocol]
    return { addXForwardedHeaders, preferredExternalPort: 443, scheme, alpn, auth: null, ...options }
  }
  if (!options) return null
  return {
    addXForwardedHeaders: false,
    preferredExternalPort: 443,
    scheme: null,
    alpn: null,
    auth: null,
    ...options,
  }
}

function checkRange({ internalStartPort, externalStartPort, numberOfPorts }: RangeOptions): void {
  if (!Number.isInteger(numberOfPorts) || numberOfPorts < 2 || numberOfPorts > MAX_RANGE) {
    throw new Error(`a range has 2 to ${MAX_RANGE} ports, not ${numberOfPorts}`)
  }
  for (const start of [internalStartPort, externalStartPort]) {
    if (start <= 1024) throw new Error(`a range starts above port 1024, not at ${start}`)
    if (start + numberOfPorts - 1 > 65535) throw new Error(`a range from ${start} would pass port 65535`)
  }
}
