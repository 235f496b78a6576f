import type { Effects } from '../effects.ts'
import type { AddressReceipt } from './origin.ts'

export type SetInterfaces = (options: { effects: Effects }) => Promise<AddressReceipt[]>

/** An init script that binds ports and offers interfaces; what it no longer names is closed. */
export function setupInterfaces(setInterfaces: SetInterfaces): (effects: Effects) => Promise<null> {
  return async (effects) => {
    const bindings: { id: string; internalPort: number }[] = []
    const interfaces: string[] = []
    const recording: Effects = {
      ...effects,
      bind: (params) => {
        bindings.push({ id: params.id, internalPort: params.internalPort })
        return effects.bind(params)
      },
      bindRange: (params) => {
        bindings.push({ id: params.id, internalPort: params.internalStartPort })
        return effects.bindRange(params)
      },
      exportServiceInterface: (params) => {
        interfaces.push(params.id)
        return effects.exportServiceInterface(params)
      },
      exportRangeServiceInterface: (params) => {
        interfaces.push(params.id)
        return effects.exportRangeServiceInterface(params)
      },
    }
    keepContext(recording, effects)
    await setInterfaces({ effects: recording })
    await effects.clearBindings({ except: bindings })
    await effects.clearServiceInterfaces({ except: interfaces })
    return null
  }
}

/** A plain copy would keep saying that the context lives after it was left. */
function keepContext(copy: Effects, original: Effects): void {
  Object.defineProperty(copy, 'isInContext', { enumerable: true, get: () => original.isInContext })
  Object.defineProperty(copy, 'constRetry', {
    enumerable: true,
    get: () => original.constRetry,
    set: (retry: Effects['constRetry']) => (original.constRetry = retry),
  })
}
