import type { Effects } from '../effects.ts'
import type { RangeInterfaceBuilder, ServiceInterfaceBuilder } from './interface.ts'

export interface AddressInfo {
  username: string | null
  hostId: string
  internalPort: number
  scheme: string | null
  sslScheme: string | null
  suffix: string
}

/** Proof that interfaces were exported. */
export type AddressReceipt = AddressInfo[]

interface Place {
  effects: Effects
  hostId: string
  internalPort: number
  scheme: string | null
  sslScheme: string | null
}

/** A bound port, on which interfaces can be offered. */
export class Origin {
  readonly place: Place

  constructor(place: Place) {
    this.place = place
  }

  async export(interfaces: readonly ServiceInterfaceBuilder[]): Promise<AddressReceipt> {
    const exported: AddressInfo[] = []
    for (const { options } of interfaces) {
      const addressInfo = this.address(options)
      await this.place.effects.exportServiceInterface({
        id: options.id,
        name: options.name,
        description: options.description,
        addressInfo,
        type: options.type,
        masked: options.masked,
      })
      exported.push(addressInfo)
    }
    return exported
  }

  address({ schemeOverride, path, query, username }: ServiceInterfaceBuilder['options']): AddressInfo {
    const { hostId, internalPort, scheme, sslScheme } = this.place
    const search = new URLSearchParams(query).toString()
    return {
      hostId,
      internalPort,
      scheme: schemeOverride?.noSsl ?? scheme,
      sslScheme: schemeOverride?.ssl ?? sslScheme,
      suffix: search ? `${path}?${search}` : path,
      username,
    }
  }
}

/** A bound range of ports, on which one interface can be offered. */
export class RangeOrigin {
  readonly effects: Effects
  readonly hostId: string
  readonly internalStartPort: number
  exported = false

  constructor(effects: Effects, hostId: string, internalStartPort: number) {
    this.effects = effects
    this.hostId = hostId
    this.internalStartPort = internalStartPort
  }

  async export({ options }: RangeInterfaceBuilder): Promise<AddressReceipt> {
    if (this.exported) throw new Error('a range of ports has one interface, and this one has it already')
    this.exported = true
    const { hostId, internalStartPort } = this
    const { id, name, description, scheme = null } = options
    await this.effects.exportRangeServiceInterface({
      hostId,
      internalStartPort,
      id,
      name,
      description,
      scheme,
    })
    return []
  }
}
